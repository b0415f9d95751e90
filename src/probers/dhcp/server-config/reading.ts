import { safeText } from '../../../kit/text.ts'
import type { Pool } from '../pools/pool.ts'
import { BadRange } from '../pools/range.ts'

/** Where something stands in a server's configuration. */
export interface Place {
  readonly file: string
  readonly line: number
}

/** A server's configuration cannot be used. The message names file and line, and never what stands there. */
export class ServerConfigError extends Error {
  constructor({ file, line }: Place, message: string) {
    super(`${safeText(file)}:${line}: ${message}`)
    this.name = 'ServerConfigError'
  }
}

/** What a reader asks for. A pause is a chance for others to run. */
export type Wish = { readonly file: string } | { readonly folder: string } | 'pause'

/** The text of a file, the names in a folder, or why there is none. */
export type Reply = { readonly text: string } | { readonly names: readonly string[] } | { readonly fault: string }

/** Work that asks for files as it needs them; whoever drives it decides how to wait for them. */
export type Reading<T> = Generator<Wish, T, Reply | undefined>

export interface ServerPools {
  readonly pools: readonly Pool[]
  /** What was passed over. */
  readonly warnings: readonly string[]
}

/** Files that include one another, the innermost last. */
export type Stack = readonly string[]

const maxDepth = 16

/** Asks for an included file: with the path itself at the end of the stack, and at the place that names it. */
export function* readFile(path: string, stack: Stack, at: Place): Reading<string> {
  if (stack.includes(path)) throw new ServerConfigError(at, 'the file includes itself')
  if (stack.length > maxDepth) throw new ServerConfigError(at, `more than ${maxDepth} files deep`)
  const reply = yield { file: path }
  if (reply !== undefined && 'text' in reply) return reply.text
  throw new ServerConfigError(at, reply !== undefined && 'fault' in reply ? reply.fault : 'no such file')
}

/** Asks for the names in a folder, sorted. */
export function* readFolder(path: string, at: Place): Reading<readonly string[]> {
  const reply = yield { folder: path }
  if (reply !== undefined && 'names' in reply) return reply.names.toSorted()
  throw new ServerConfigError(at, reply !== undefined && 'fault' in reply ? reply.fault : 'no such folder')
}

/** Runs `work`; a `BadRange` becomes a fault at that place. */
export function atPlace<T>(place: Place, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof BadRange ? new ServerConfigError(place, error.message) : error
  }
}
