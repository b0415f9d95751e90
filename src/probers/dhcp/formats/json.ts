const space = 0x20
const quote = 0x22
const backslash = 0x5c

/** Octets of a string or number that are kept. */
const keptOctets = 2048
const maxDepth = 16

const isSpace = (octet: number) => octet === space || octet === 0x0a || octet === 0x0d || octet === 0x09
const openers: ReadonlyMap<number, '{' | '['> = new Map([
  [0x7b, '{'],
  [0x5b, '['],
])
const closers: ReadonlyMap<number, '{' | '['> = new Map([
  [0x7d, '{'],
  [0x5d, '['],
])
const numberForm = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/
const words: ReadonlySet<string> = new Set(['true', 'false', 'null'])

/** Takes what stands in a JSON text, in order; `key` is undefined within arrays and at the top. */
export interface JsonHandler {
  open(bracket: '{' | '[', key: string | undefined): void
  close(bracket: '{' | '['): void
  /** `text` is the spelling, of a string without its quotes. */
  scalar(text: Uint8Array, isString: boolean, key: string | undefined): void
}

/** What may come next. */
type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing'

/** Reads a JSON text in chunks of any size, keeping one string or number of it at a time. */
export class JsonReader {
  readonly #handler: JsonHandler
  readonly #stack: ('{' | '[')[] = []
  readonly #kept = Buffer.alloc(keptOctets)
  #length = 0
  #mode: 'between' | 'word' | 'string' | 'escape' = 'between'
  #expected: Expected = 'value'
  #key: string | undefined
  #isBroken = false
  #offset = 0

  constructor(handler: JsonHandler) {
    this.#handler = handler
  }

  /** Whether what came is no JSON; all that follows is passed over. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  /** Whether the text has begun and not ended. */
  get isIncomplete(): boolean {
    const isUntouched = this.#expected === 'value' && this.#stack.length === 0 && this.#mode === 'between'
    return !this.#isBroken && !isUntouched && (this.#expected !== 'nothing' || this.#mode !== 'between')
  }

  /** How many octets were read, to the place where it broke. */
  get offset(): number {
    return this.#offset
  }

  feed(chunk: Uint8Array): void {
    for (const octet of chunk) {
      if (this.#isBroken) return
      this.#offset++
      if (this.#mode === 'string' || this.#mode === 'escape') this.#readString(octet)
      else this.#readOther(octet)
    }
  }

  #readString(octet: number): void {
    if (this.#mode === 'string' && octet === quote) {
      this.#mode = 'between'
      this.#finish(true)
      return
    }
    if (octet < space) this.#isBroken = true
    this.#mode = this.#mode === 'string' && octet === backslash ? 'escape' : 'string'
    this.#keep(octet)
  }

  #readOther(octet: number): void {
    // A power cut may leave NULs behind.
    if (octet === 0 && this.#expected === 'nothing') return
    const isEnd = isSpace(octet) || octet === 0x2c || octet === 0x3a || openers.has(octet) || closers.has(octet)
    if (this.#mode === 'word' && (isEnd || octet === quote)) {
      this.#mode = 'between'
      this.#finish(false)
    }
    if (isSpace(octet)) return
    if (isEnd) this.#punctuate(octet)
    else if (octet === quote) this.#mode = 'string'
    else {
      this.#mode = 'word'
      this.#keep(octet)
    }
  }

  #punctuate(octet: number): void {
    const [opener, closer] = [openers.get(octet), closers.get(octet)]
    const inObject = this.#stack.at(-1) === '{'
    if (opener !== undefined && this.#expected.startsWith('value') && this.#stack.length < maxDepth) {
      this.#stack.push(opener)
      this.#handler.open(opener, this.#key)
      this.#key = undefined
      this.#expected = opener === '{' ? 'key or end' : 'value or end'
    } else if (closer !== undefined && closer === this.#stack.at(-1) && this.#expected.endsWith('end')) {
      this.#stack.pop()
      this.#handler.close(closer)
      this.#afterValue()
    } else if (octet === 0x2c && this.#expected === 'comma or end') this.#expected = inObject ? 'key' : 'value'
    else if (octet === 0x3a && this.#expected === 'colon') this.#expected = 'value'
    else this.#isBroken = true
  }

  #keep(octet: number): void {
    if (this.#length < keptOctets) this.#kept[this.#length++] = octet
  }

  #finish(isString: boolean): void {
    const text = this.#kept.subarray(0, this.#length)
    this.#length = 0
    if (isString && this.#expected.startsWith('key')) {
      this.#key = text.toString()
      this.#expected = 'colon'
      return
    }
    const spelling = isString ? '' : text.toString('latin1')
    if (!this.#expected.startsWith('value') || !(isString || words.has(spelling) || numberForm.test(spelling))) {
      this.#isBroken = true
      return
    }
    this.#handler.scalar(text, isString, this.#key)
    this.#afterValue()
  }

  #afterValue(): void {
    this.#key = undefined
    this.#expected = this.#stack.length === 0 ? 'nothing' : 'comma or end'
  }
}
