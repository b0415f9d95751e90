import type { Document, Format } from './document.ts'
import { parseJson } from './json.ts'
import { decodeText } from './text.ts'
import { parseXml } from './xml.ts'

/**
 * Reads the octets of a body. `charset` is that of its Content-Type. Throws `DocumentFault` and nothing else, whatever
 * the octets are.
 */
export function parseDocument(octets: Uint8Array, format: Format, charset?: string): Document {
  switch (format) {
    case 'json':
      return { format, value: parseJson(octets) }
    case 'xml':
      return { format, tree: parseXml(octets, charset) }
    case 'text':
      return { format, text: decodeText(octets, charset) }
  }
}
