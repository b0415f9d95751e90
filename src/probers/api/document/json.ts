import { DocumentFault } from './document.ts'

/** Reads JSON (RFC 8259). Throws `DocumentFault`. */
export function parseJson(octets: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets))
  } catch (error) {
    throw new DocumentFault('parse', 'not JSON', { cause: error })
  }
}
