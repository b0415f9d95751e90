/** What stands for an octet that cannot stand for itself: `\DDD`, or `\X` for X (RFC 1035, 5.1). */
const escapes = /\\(\d{3}|[^\d]|)/gu

const pieces = /"((?:[^"\\]|\\.)*)"|((?:[^\s"();\\]|\\.)+)(?:"((?:[^"\\]|\\.)*)")?|[\s()]+|;[^\n]*/gsuy

/** An error that names what a text should have held, and what it holds. */
export const expected = (what: string, found: string): Error => new Error(`expected ${what}, not '${found}'`)

/** The octets of a string with escapes; characters beyond ASCII are octets of UTF-8. */
export function stringOctets(text: string): Buffer {
  const octets: Buffer[] = []
  let done = 0
  for (const found of text.matchAll(escapes)) {
    const [sequence, what = ''] = found
    const octet = /^\d/.test(what) ? Number(what) : undefined
    if (what === '' || (octet ?? 0) > 255) throw expected('an escape such as \\" or \\034', sequence)
    octets.push(Buffer.from(text.slice(done, found.index)))
    octets.push(octet === undefined ? Buffer.from(what) : Buffer.from([octet]))
    done = found.index + sequence.length
  }
  return Buffer.concat([...octets, Buffer.from(text.slice(done))])
}

function split(text: string): readonly string[] {
  const words: string[] = []
  pieces.lastIndex = 0
  while (pieces.lastIndex < text.length) {
    const at = pieces.lastIndex
    const [whole, quoted, bare, tail] = pieces.exec(text) ?? []
    if (whole === undefined) throw expected('quotes in pairs', text.slice(at))
    if (quoted !== undefined) words.push(quoted)
    else if (bare !== undefined) words.push(bare + (tail ?? ''))
  }
  return words
}

/** The words of a record's data in a zone file, one after another; quotes are off, escapes are still there. */
export class Words {
  /** As it was written. */
  readonly text: string
  #words: readonly string[] | undefined
  #at = 0

  constructor(text: string) {
    this.text = text
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#list().length
  }

  /** The next word. Throws an Error that names `what` when there is none. */
  next(what: string): string {
    const word = this.#list()[this.#at++]
    if (word === undefined) throw new Error(`expected ${what} at the end`)
    return word
  }

  /** All that are left. */
  rest(): readonly string[] {
    const rest = this.#list().slice(this.#at)
    this.#at += rest.length
    return rest
  }

  /** Everything as one word, for data that is one text and that nobody put into quotes; undefined when somebody did. */
  unquoted(): string | undefined {
    if (/^[\s(]*"/.test(this.text)) return undefined
    this.#words = []
    return this.text.trim()
  }

  // Only when it is asked for, as text without quotes may hold anything.
  #list(): readonly string[] {
    this.#words ??= split(this.text)
    return this.#words
  }
}
