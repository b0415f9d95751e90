import { Malformed, type MalformedReason } from './malformed.ts'
import type { Name, NameReader } from './name.ts'

/** Reads fields one after another and never past its end: that throws `Malformed` with the reason it was made with. */
export class Cursor {
  readonly #octets: Buffer
  readonly #names: NameReader
  readonly #end: number
  readonly #short: MalformedReason
  #at: number

  constructor(octets: Buffer, names: NameReader, start: number, end: number, short: MalformedReason) {
    this.#octets = octets
    this.#names = names
    this.#at = start
    this.#end = end
    this.#short = short
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end
  }

  get remaining(): number {
    return this.#end - this.#at
  }

  u8(): number {
    return this.take(1).readUInt8()
  }

  u16(): number {
    return this.take(2).readUInt16BE()
  }

  u32(): number {
    return this.take(4).readUInt32BE()
  }

  take(bytes: number): Buffer {
    if (bytes > this.remaining) throw new Malformed(this.#short)
    this.#at += bytes
    return this.#octets.subarray(this.#at - bytes, this.#at)
  }

  rest(): Buffer {
    return this.take(this.remaining)
  }

  /** A name that may be compressed: its pointers may lead anywhere before it in the message. */
  name(): Name {
    const { name, next } = this.#names(this.#at, this.#end)
    this.#at = next
    return name
  }

  /** A cursor over the next `bytes` octets, which this one does not pass; `short` is what running past their end means. */
  peek(bytes: number, short: MalformedReason): Cursor {
    return new Cursor(this.#octets, this.#names, this.#at, this.#at + bytes, short)
  }
}
