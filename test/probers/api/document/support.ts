import { type Document, DocumentFault, type Format } from '../../../../src/probers/api/document/document.ts'
import { parseDocument } from '../../../../src/probers/api/document/parse.ts'

export const decode = (body: string | Uint8Array, format: Format, charset?: string): Document =>
  parseDocument(typeof body === 'string' ? Buffer.from(body) : body, format, charset)

/** The reason and the message of the fault that the body is. */
export function faultOf(body: string | Uint8Array, format: Format, charset?: string): [string, string] {
  try {
    decode(body, format, charset)
  } catch (error) {
    if (error instanceof DocumentFault) return [error.reason, error.message]
    throw error
  }
  throw new Error('expected a fault')
}
