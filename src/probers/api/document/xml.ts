import { parseXmlDocument, type Document as XmlTree } from 'slimdom'
import { DocumentFault } from './document.ts'

/** Reads XML 1.0. Throws `DocumentFault`. */
export function parseXml(octets: Uint8Array, _charset: string | undefined): XmlTree {
  try {
    return parseXmlDocument(new TextDecoder('utf-8', { fatal: true }).decode(octets))
  } catch (error) {
    throw new DocumentFault('parse', 'not well-formed XML', { cause: error })
  }
}
