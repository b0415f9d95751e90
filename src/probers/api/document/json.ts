import { DocumentFault, maxDepth, placeOf, tooDeep } from './document.ts'
import { findJsonFault } from './json-fault.ts'
import { decodeUtf8 } from './text.ts'

const [quote, backslash, openList, closeList, openObject, closeObject] = Buffer.from('"\\[]{}')

/** Whether brackets outside of strings are nested too deeply, in a text that need not be JSON. */
function isTooDeep(octets: Uint8Array): boolean {
  let [depth, inString] = [0, false]
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at]
    if (octet === quote) inString = !inString
    else if (inString) at += octet === backslash ? 1 : 0
    else if (octet === openList || octet === openObject) {
      if (++depth > maxDepth) return true
    } else if (octet === closeList || octet === closeObject) depth--
  }
  return false
}

/** Reads JSON (RFC 8259), with or without a BOM. Throws `DocumentFault`. */
export function parseJson(octets: Uint8Array): unknown {
  const text = decodeUtf8(octets, 'JSON')
  if (isTooDeep(octets)) throw tooDeep()
  try {
    return JSON.parse(text)
  } catch {
    // What JSON.parse has to say quotes the body, and names a place only at times.
    const { offset, message } = findJsonFault(text)
    throw new DocumentFault('parse', `not JSON: ${message} at ${placeOf(text, offset)}`)
  }
}
