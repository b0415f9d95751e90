import { maxEntryBytes, type Position } from './format.ts'
import {
  backslash,
  closeBrace,
  hash,
  newline,
  nul,
  openBrace,
  quote,
  semicolon,
  space,
  whiteSpace,
} from './isc-octets.ts'

const wordKind = 0
const spaceKind = 1
const endKind = 2
const quoteKind = 3
const hashKind = 4

const kinds = new Uint8Array(256).fill(wordKind)
for (const octet of whiteSpace) kinds[octet] = spaceKind
for (const octet of [semicolon, openBrace, closeBrace]) kinds[octet] = endKind
kinds[quote] = quoteKind
kinds[hash] = hashKind

type Mode = 'between' | 'word' | 'string' | 'escape' | 'comment'

/** No statement that matters to a reader of leases is as long: an identifier of 134 octets in hexadecimal is the longest. */
const keptOctets = 768

/** Of these the ones from here on hold the last words of what is longer: a lease may begin there. */
const headOctets = 64

/** Room for a keyword and an address or identifier, with the space before it. */
const wordOctets = 512

/** No string that matters is longer: an identifier of 134 octets, each of them escaped. */
export const maxStringOctets = 1024

/** Handed out anew for each statement: whoever wants to keep something copies it. */
export interface Statement {
  /** Its words with one space between them, a `"` in the place of each string; at most 768 octets of its first and last words. */
  readonly text: Buffer
  readonly length: number
  /** The octets of its last string, escapes and all, when strings are kept: at most `maxStringOctets`. */
  readonly string: Buffer
  /** How many there are; more than fit when it is longer. */
  readonly stringLength: number
  /** `;`, `{` or `}`. */
  readonly terminator: number
  readonly line: number
  /** Whether it is longer than any statement may be. */
  readonly tooLong: boolean
}

/**
 * Takes octets in the place of the lexer from the beginning of a statement on. Returns where it goes on, having called
 * `pass`; -1 to leave them.
 */
export type Shortcut = (chunk: Uint8Array, at: number) => number

/**
 * Cuts a stream of octets into the statements of dhcpd's grammar, keeping only the beginning and the last words of one of them. Braces and
 * keywords within strings and comments are none. Strings are octets: an escape never ends one, whatever follows it.
 */
export class IscLexer {
  readonly #handle: (statement: Statement) => void
  readonly #shortcut: Shortcut
  readonly #text = Buffer.alloc(keptOctets)
  readonly #string = Buffer.alloc(maxStringOctets)
  #mode: Mode = 'between'
  #length = 0
  #octets = 0
  #stringLength = 0
  #nulSeen = false
  #line: number
  /** Where the chunk begins, and where the last statement ended. */
  #chunkOffset: number
  #offset: number
  /** Whether the octets of strings are wanted. */
  keepsStrings = true
  readonly #statement: { -readonly [Key in keyof Statement]: Statement[Key] }

  constructor(handle: (statement: Statement) => void, { offset, line }: Position, shortcut: Shortcut = () => -1) {
    this.#handle = handle
    this.#shortcut = shortcut
    this.#chunkOffset = offset
    this.#offset = offset
    this.#line = line
    const { text, string } = { text: this.#text, string: this.#string }
    this.#statement = { text, string, length: 0, stringLength: 0, terminator: 0, line, tooLong: false }
  }

  /** Where the statement ended that was handed out last. */
  get position(): Position {
    return { offset: this.#offset, line: this.#line }
  }

  /** Whether the octets ended within a statement or a string, or with NULs. */
  get pending(): boolean {
    return this.#octets > 0 || this.#nulSeen
  }

  /** Statements end at a place of the chunk that a shortcut took, with so many line breaks. */
  pass(end: number, lines: number): void {
    this.#offset = this.#chunkOffset + end
    this.#line += lines
    this.#nulSeen = false
  }

  feed(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#mode === 'string' || this.#mode === 'escape') at = this.#skipString(chunk, at)
      else if (this.#mode === 'comment') at = this.#skipComment(chunk, at)
      else at = this.#readWords(chunk, at)
    }
    this.#chunkOffset += chunk.length
  }

  /** Reads on until a string or a comment begins. */
  #readWords(chunk: Uint8Array, start: number): number {
    const text = this.#text
    let inWord = this.#mode === 'word'
    for (let at = start; at < chunk.length; at++) {
      const kind = kinds[chunk[at] as number] as number
      if (kind === wordKind) {
        const passed = this.#octets === 0 ? this.#shortcut(chunk, at) : -1
        if (passed !== -1) {
          at = passed - 1
          continue
        }
        if (!inWord) this.#separate()
        inWord = true
        const end = this.#endOfWord(chunk, at)
        const kept = Math.min(end - at, keptOctets - this.#length)
        for (let i = 0; i < kept; i++) text[this.#length + i] = chunk[at + i] as number
        this.#length += kept
        this.#octets += end - at
        at = end - 1
        continue
      }
      inWord = false
      if (kind === endKind) this.#finish(chunk, at)
      else if (kind === spaceKind) this.#passSpace(chunk[at] as number)
      else return this.#leaveWords(kind, at)
    }
    this.#mode = inWord ? 'word' : 'between'
    return chunk.length
  }

  #passSpace(octet: number): void {
    if (octet === newline) this.#line++
    else if (octet === nul) this.#nulSeen = true
  }

  #endOfWord(chunk: Uint8Array, start: number): number {
    let end = start + 1
    while (end < chunk.length && kinds[chunk[end] as number] === wordKind) end++
    return end
  }

  /** Puts a space between two words, with room for the second. */
  #separate(): void {
    if (this.#length > keptOctets - wordOctets) this.#forgetMiddle()
    if (this.#length > 0) this.#text[this.#length++] = space
  }

  /** Keeps the beginning and the last word. */
  #forgetMiddle(): void {
    const from = Math.max(this.#text.lastIndexOf(space, this.#length - 1) + 1, headOctets)
    this.#text[headOctets - 1] = space
    this.#text.copyWithin(headOctets, from, this.#length)
    this.#length = Math.min(headOctets + this.#length - from, keptOctets - wordOctets)
  }

  #leaveWords(kind: number, at: number): number {
    this.#mode = kind === quoteKind ? 'string' : 'comment'
    if (kind === hashKind) return at + 1
    this.#separate()
    this.#text[this.#length++] = quote
    this.#octets++
    this.#stringLength = 0
    return at + 1
  }

  #finish(chunk: Uint8Array, at: number): void {
    this.#offset = this.#chunkOffset + at + 1
    const statement = this.#statement
    statement.length = this.#length
    statement.stringLength = this.#stringLength
    statement.terminator = chunk[at] as number
    statement.line = this.#line
    statement.tooLong = this.#octets > maxEntryBytes
    this.#length = 0
    this.#octets = 0
    this.#nulSeen = false
    this.#handle(statement)
  }

  #skipString(chunk: Uint8Array, start: number): number {
    let escaped = this.#mode === 'escape'
    for (let at = start; at < chunk.length; at++) {
      const octet = chunk[at]
      if (octet === newline) this.#line++
      if (escaped) escaped = false
      else if (octet === backslash) escaped = true
      else if (octet === quote) {
        this.#keepString(chunk, start, at)
        this.#mode = 'between'
        return at + 1
      }
    }
    this.#keepString(chunk, start, chunk.length)
    this.#mode = escaped ? 'escape' : 'string'
    return chunk.length
  }

  #keepString(chunk: Uint8Array, start: number, end: number): void {
    this.#octets += end - start
    if (!this.keepsStrings) return
    const kept = Math.min(end - start, Math.max(0, maxStringOctets - this.#stringLength))
    for (let i = 0; i < kept; i++) this.#string[this.#stringLength + i] = chunk[start + i] as number
    this.#stringLength += end - start
  }

  #skipComment(chunk: Uint8Array, start: number): number {
    const end = chunk.indexOf(newline, start)
    if (end === -1) return chunk.length
    this.#mode = 'between'
    return end
  }
}
