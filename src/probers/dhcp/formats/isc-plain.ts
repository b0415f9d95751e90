import { unstatedCode } from '../leases.ts'
import { noEnd } from './isc-block.ts'
import { parseWritten, writtenOctets } from './isc-date.ts'
import {
  backslash,
  closeBrace,
  hash,
  newline,
  openBrace,
  quote,
  semicolon,
  space,
  tab,
  whiteSpace,
} from './isc-octets.ts'
import { begins, holdsAt, stateCodeIn } from './isc-words.ts'
import { parseIpv4 } from './text.ts'

/** What is looked at ahead of a place without asking whether it is there: `binding state ` or `starts ` and a date. */
const lookahead = 32

/** Longer statements are not plain. */
const maxStatement = 768

const ends = (octets: readonly number[]) =>
  Uint8Array.from({ length: 256 }, (_, octet) => Number(octets.includes(octet)))
/** 1 for octets that end a run of plain ones outside strings, and within them. */
const special = ends([...whiteSpace.filter(octet => octet !== space), quote, hash, semicolon, openBrace, closeBrace])
const specialInString = ends([quote, backslash, newline])

const beginsAt = (octets: Uint8Array, at: number, words: Uint8Array): boolean =>
  octets[at + words.length] === space && holdsAt(octets, at, words)

/** Where a statement ends that begins at `start`, strings and all: at its `;`. -1 when it is none, or not plain. */
function endOfStatement(chunk: Uint8Array, start: number): number {
  const limit = Math.min(chunk.length, start + maxStatement)
  for (let at = start; ; at++) {
    while (at < limit && special[chunk[at] as number] === 0) at++
    if (at >= limit) return -1
    if (chunk[at] === semicolon) return at
    if (chunk[at] !== quote) return -1
    for (at++; ; at += 2) {
      while (at < limit && specialInString[chunk[at] as number] === 0) at++
      if (at + 1 >= limit || chunk[at] === newline || chunk[at + 1] === newline) return -1
      if (chunk[at] === quote) break
    }
  }
}

/**
 * Reads a lease that is in the chunk as a whole and written the way dhcpd writes it, without cutting it in words: nearly
 * all of a large file is. Everything else is for `IscLexer`, and a lease comes to the same in both ways.
 */
export class PlainLease {
  address = 0
  state = unstatedCode
  /** Unix seconds. */
  end = noEnd
  /** Unix seconds. */
  transaction = Number.NEGATIVE_INFINITY
  /** How many line breaks are in it. */
  lines = 0

  /** Returns where the lease ends that begins at `start`, or -1 when it is not plain. */
  read(chunk: Uint8Array, start: number): number {
    let at = this.#readHead(chunk, start)
    const limit = chunk.length - lookahead
    while (at !== -1 && at < limit) {
      const octet = chunk[at] as number
      if (octet === newline) this.lines++
      else if (octet === closeBrace) return at + 1
      else if (octet !== space && octet !== tab) at = this.#readStatement(chunk, at, octet)
      if (at !== -1) at++
    }
    return -1
  }

  /** Returns where the block begins. */
  #readHead(chunk: Uint8Array, start: number): number {
    if (start + lookahead > chunk.length || !beginsAt(chunk, start, begins.lease)) return -1
    const from = start + begins.lease.length + 1
    const end = chunk.indexOf(space, from)
    if (end === -1 || end - from > 15 || chunk[end + 1] !== openBrace) return -1
    this.address = parseIpv4(chunk, from, end)
    this.state = unstatedCode
    this.end = noEnd
    this.transaction = Number.NEGATIVE_INFINITY
    this.lines = 0
    return this.address === -1 ? -1 : end + 2
  }

  /** Returns where it ends. */
  #readStatement(chunk: Uint8Array, at: number, octet: number): number {
    if (octet === begins.ends[0] && beginsAt(chunk, at, begins.ends)) {
      const from = at + begins.ends.length + 1
      this.end = parseWritten(chunk, from)
      return Number.isNaN(this.end) || chunk[from + writtenOctets] !== semicolon ? -1 : from + writtenOctets
    }
    if (octet === begins.starts[0] && beginsAt(chunk, at, begins.starts)) {
      return this.#readTransaction(chunk, at + begins.starts.length + 1)
    }
    if (octet === begins.cltt[0] && beginsAt(chunk, at, begins.cltt)) {
      return this.#readTransaction(chunk, at + begins.cltt.length + 1)
    }
    if (octet === begins.abandoned[0]) return -1
    const end = endOfStatement(chunk, at)
    if (end === -1 || octet !== begins.state[0]) return end
    // There may be more than one space between the two words.
    if (!beginsAt(chunk, at, begins.state)) return -1
    const state = stateCodeIn(chunk, at + begins.state.length + 1, end)
    if (state === undefined) return -1
    this.state = state
    return end
  }

  #readTransaction(chunk: Uint8Array, from: number): number {
    const date = parseWritten(chunk, from)
    if (Number.isNaN(date) || chunk[from + writtenOctets] !== semicolon) return -1
    if (date > this.transaction && date !== Number.POSITIVE_INFINITY) this.transaction = date
    return from + writtenOctets
  }
}
