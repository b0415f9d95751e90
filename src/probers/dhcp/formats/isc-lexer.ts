import { maxEntryBytes, type Position } from './format.ts'

const nul = 0x00
const newline = 0x0a
const space = 0x20
const quote = 0x22
const hash = 0x23
const backslash = 0x5c
export const semicolon = 0x3b
export const openBrace = 0x7b
export const closeBrace = 0x7d

const wordKind = 0
const spaceKind = 1
const endKind = 2
const quoteKind = 3
const hashKind = 4

const kinds = new Uint8Array(256).fill(wordKind)
// A power cut may leave NULs, and the server writes on behind them.
for (const octet of [nul, 0x09, newline, 0x0b, 0x0c, 0x0d, 0x20]) kinds[octet] = spaceKind
for (const octet of [semicolon, openBrace, closeBrace]) kinds[octet] = endKind
kinds[quote] = quoteKind
kinds[hash] = hashKind

/** 1 for octets that are neither part of a word nor a plain space, and for those that matter in a string. */
const special = kinds.map((kind, octet) => Number(kind !== wordKind && octet !== space))
const specialInString = kinds.map((_, octet) => Number(octet === quote || octet === backslash || octet === newline))

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
 * Cuts a stream of octets into the statements of dhcpd's grammar, keeping only the beginning and the last words of one of them. Braces and
 * keywords within strings and comments are none. Strings are octets: an escape never ends one, whatever follows it.
 */
export class IscLexer {
  readonly #handle: (statement: Statement) => void
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
  /** By first octet, 1 for the statements that are wanted of those that end with `;`; undefined when all are. */
  wanted: Uint8Array | undefined
  readonly #statement: { -readonly [Key in keyof Statement]: Statement[Key] }

  constructor(handle: (statement: Statement) => void, { offset, line }: Position) {
    this.#handle = handle
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
        const plainEnd = this.#octets === 0 ? this.#readPlain(chunk, at) : -1
        if (plainEnd !== -1) {
          at = plainEnd
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

  /**
   * Reads a statement that is in the chunk as a whole and written as dhcpd writes them, words with one space between
   * them. Returns where its `;` is, or -1 when it is something else.
   */
  #readPlain(chunk: Uint8Array, start: number): number {
    const limit = Math.min(chunk.length, start + keptOctets)
    if (this.wanted?.[chunk[start] as number] === 0) return this.#passUnwanted(chunk, start, limit)
    let end = start
    while (end < limit && special[chunk[end] as number] === 0) end++
    if (end === limit || chunk[end] !== semicolon || chunk[end - 1] === space) return -1
    for (let i = start; i < end; i++) {
      const octet = chunk[i] as number
      if (octet === space && chunk[i - 1] === space) return -1
      this.#text[i - start] = octet
    }
    this.#length = end - start
    this.#finish(chunk, end)
    return end
  }

  /** The same for a statement that nobody wants, which may hold strings. */
  #passUnwanted(chunk: Uint8Array, start: number, limit: number): number {
    for (let at = start; ; at++) {
      while (at < limit && special[chunk[at] as number] === 0) at++
      if (at >= limit) return -1
      if (chunk[at] === semicolon) {
        this.#nulSeen = false
        return at
      }
      if (chunk[at] !== quote) return -1
      for (at++; ; at += 2) {
        while (at < limit && specialInString[chunk[at] as number] === 0) at++
        if (at >= limit || chunk[at] === newline || chunk[at + 1] === newline) return -1
        if (chunk[at] === quote) break
      }
    }
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
