import { beginning, maxEntryBytes, type Position } from './format.ts'

const newline = 0x0a

/** Takes the lines of a file: `octets[start..end)` without the newline, or an empty range with `tooLong`. */
export type LineHandler = (octets: Uint8Array, start: number, end: number, line: number, tooLong: boolean) => void

/** Cuts a stream of octets into lines, keeping at most one of them in memory. */
export class LineSplitter {
  readonly #handle: LineHandler
  #kept: Uint8Array | undefined
  #length = 0
  #offset: number
  #line: number

  constructor(handle: LineHandler, { offset, line }: Position = beginning) {
    this.#handle = handle
    this.#offset = offset
    this.#line = line
  }

  feed(chunk: Uint8Array): void {
    let start = 0
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, start)) {
      if (this.#length === 0) this.#pass(chunk, start, at)
      else {
        this.#keep(chunk, start, at)
        this.#pass(this.#kept as Uint8Array, 0, this.#length)
        this.#length = 0
      }
      start = at + 1
    }
    this.#keep(chunk, start, chunk.length)
  }

  /** Whether the octets ended within a line. */
  get pending(): boolean {
    return this.#length > 0
  }

  /** The beginning of the line that is not complete yet. */
  get position(): Position {
    return { offset: this.#offset, line: this.#line }
  }

  #pass(octets: Uint8Array, start: number, end: number): void {
    const tooLong = end - start > maxEntryBytes
    this.#handle(octets, start, tooLong ? start : end, this.#line++, tooLong)
    this.#offset += end - start + 1
  }

  /** Beyond the limit only the length is kept. */
  #keep(chunk: Uint8Array, start: number, end: number): void {
    if (start === end) return
    this.#kept ??= new Uint8Array(maxEntryBytes)
    if (this.#length + end - start <= maxEntryBytes) this.#kept.set(chunk.subarray(start, end), this.#length)
    this.#length += end - start
  }
}
