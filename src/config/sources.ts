import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Problem } from '../engine/module.ts'
import { filesOf, isPattern } from './glob.ts'

/** The text of a modules file. */
export interface Source {
  readonly file: string
  readonly text: string
}

export interface Sources {
  readonly sources: readonly Source[]
  /** About patterns that match nothing, as a folder of modules may be empty. */
  readonly warnings: readonly Problem[]
}

async function read(file: string): Promise<Source> {
  try {
    return { file, text: await readFile(file, 'utf8') }
  } catch (error) {
    throw new Error(`cannot read ${file}: ${(error as Error).message}`, { cause: error })
  }
}

const nothing = (file: string): Problem => ({ file, line: 1, column: 1, path: '', message: 'no file matches' })

/**
 * Reads the modules files that paths and patterns name, in their order, each once. Throws an `Error` when one cannot be
 * read, or when there is none at all.
 */
export async function readSources(names: readonly string[]): Promise<Sources> {
  const found = await Promise.all(
    names.map(async name => ({ name, files: isPattern(name) ? await filesOf(name) : [name] })),
  )
  const files = new Map(found.flatMap(entry => entry.files).map(file => [resolve(file), file]))
  if (files.size === 0) throw new Error(`no file matches ${names.join(', ')}`)
  return {
    sources: await Promise.all([...files.values()].map(read)),
    warnings: found.filter(entry => entry.files.length === 0).map(({ name }) => nothing(name)),
  }
}
