import { maxEntryBytes } from './format.ts'

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

type Mode = 'between' | 'word' | 'string' | 'escape' | 'comment'

/** No statement that matters to a reader of leases is as long. */
const keptOctets = 128

/** Of these the ones from here on hold the last words of what is longer: a lease may begin there. */
const headOctets = 64

/** Room for a keyword or an address, with the space before it. */
const wordOctets = 32

export interface Statement {
  /** Its words with one space between them, a `"` in the place of each string; at most 128 octets of its first and last words. */
  readonly text: Buffer
  readonly length: number
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
  #mode: Mode = 'between'
  #length = 0
  #octets = 0
  #line = 1
  #nulSeen = false

  constructor(handle: (statement: Statement) => void) {
    this.#handle = handle
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
  }

  /** Reads on until a string or a comment begins. */
  #readWords(chunk: Uint8Array, start: number): number {
    const text = this.#text
    let inWord = this.#mode === 'word'
    for (let at = start; at < chunk.length; at++) {
      const kind = kinds[chunk[at] as number] as number
      if (kind === wordKind) {
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
      if (kind === endKind) this.#finish(chunk[at] as number)
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
    return at + 1
  }

  #finish(terminator: number): void {
    const statement = { text: this.#text, length: this.#length, terminator, line: this.#line, tooLong: this.#isTooLong }
    this.#length = 0
    this.#octets = 0
    this.#nulSeen = false
    this.#handle(statement)
  }

  get #isTooLong(): boolean {
    return this.#octets > maxEntryBytes
  }

  #skipString(chunk: Uint8Array, start: number): number {
    let escaped = this.#mode === 'escape'
    for (let at = start; at < chunk.length; at++) {
      const octet = chunk[at]
      if (octet === newline) this.#line++
      if (escaped) escaped = false
      else if (octet === backslash) escaped = true
      else if (octet === quote) {
        this.#octets += at - start
        this.#mode = 'between'
        return at + 1
      }
    }
    this.#octets += chunk.length - start
    this.#mode = escaped ? 'escape' : 'string'
    return chunk.length
  }

  #skipComment(chunk: Uint8Array, start: number): number {
    const end = chunk.indexOf(newline, start)
    if (end === -1) return chunk.length
    this.#mode = 'between'
    return end
  }
}
