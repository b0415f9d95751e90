import type { Document as XmlTree } from 'slimdom'

/** What a body is read as. */
export const formats = ['json', 'xml', 'text'] as const

export type Format = (typeof formats)[number]

/** A body that was read, and that queries of its format can be put to. */
export type Document =
  /** As JSON.parse gives it: `__proto__` may be an own member, and a number beyond a double is an infinity. */
  | { readonly format: 'json'; readonly value: unknown }
  | { readonly format: 'xml'; readonly tree: XmlTree }
  | { readonly format: 'text'; readonly text: string }

/** The body is not what its format says, or more than sonde reads. The message says where, and never quotes the body. */
export class DocumentFault extends Error {
  override readonly name = 'DocumentFault'
  readonly reason: 'parse' | 'too_large'

  constructor(reason: DocumentFault['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

/** Deeper than any status document, and no recursion over a document of this depth can exhaust the stack. */
export const maxDepth = 512

export const tooDeep = () => new DocumentFault('too_large', `nested deeper than ${maxDepth} levels`)

/** Where an offset stands in a text, in words. */
export function placeOf(text: string, offset: number): string {
  let [line, start] = [1, 0]
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', start)) {
    line++
    start = at + 1
  }
  return `line ${line}, column ${offset - start + 1}`
}
