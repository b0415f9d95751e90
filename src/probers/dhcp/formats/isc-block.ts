import { parseDate } from './isc-date.ts'
import type { Statement } from './isc-lexer.ts'
import { endsInUtc } from './isc-words.ts'

/** Reads what stands in one block of a lease file; depth 1 is directly within it. */
export interface Block {
  /** A statement that ends with `;`. */
  read(statement: Statement, depth: number): void
  /** A block within it begins at this depth. */
  open(statement: Statement, depth: number): void
  /** The one within it at this depth has ended; there may be words that lack their `;`. */
  close(statement: Statement, depth: number): void
  /** The block is complete. `line` is where it began. */
  end(statement: Statement, line: number): void
}

/** The end of a lease that has none: to dhcpd it is over, whatever its state (server/confpars.c, parse_lease_declaration). */
export const noEnd = 0

/** What the blocks of a file share. */
export interface Shared {
  /** Counts an entry that cannot be used. */
  skip(line: number): void
  /** OpenBSD's dialect was seen. */
  utcSeen: boolean
}

/** Reads a date from `from` on; NaN when it is malformed. */
export function readDate(statement: Statement, from: number, shared: Shared): number {
  shared.utcSeen ||= endsInUtc(statement)
  return parseDate(statement.text, from, statement.length)
}
