import type { Document as XmlTree } from 'slimdom'

/** What a body is read as. */
export const formats = ['json', 'xml', 'text'] as const

export type Format = (typeof formats)[number]

/** A body that was read, and that queries of its format can be put to. */
export type Document =
  | { readonly format: 'json'; readonly value: unknown }
  | { readonly format: 'xml'; readonly tree: XmlTree }
  | { readonly format: 'text'; readonly text: string }

/** The body is not what its format says, or more than sonde reads. The message never quotes it. */
export class DocumentFault extends Error {
  override readonly name = 'DocumentFault'
  readonly reason: 'parse' | 'too_large'

  constructor(reason: DocumentFault['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
