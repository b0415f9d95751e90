import { readFile } from 'node:fs/promises'
import { ConfigError } from '../config/config-error.ts'
import { readStrict } from '../config/strict-file.ts'
import type { z } from '../kit/options.ts'
import { type Io, UsageError } from './command.ts'

/** What the file system says, without the call and the path, which the message names already. */
export const fileProblem = (error: unknown): string => (error as Error).message.replace(/, \w+(?: '.*')?$/s, '')

/** A file that the command line names; `-` is standard input. Throws `UsageError`. */
export async function readText(file: string, { readInput }: Io): Promise<string> {
  if (file === '-') return readInput()
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${fileProblem(error)}`)
  }
}

/** Reads the text of a YAML file that the command line names. Throws `UsageError` with every mistake. */
export function readYaml<S extends z.ZodType>(schema: S, text: string, file: string): z.output<S> {
  const name = file === '-' ? 'standard input' : file
  try {
    return readStrict(schema, text, name)
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(`cannot use ${name}:\n${error.message}`) : error
  }
}
