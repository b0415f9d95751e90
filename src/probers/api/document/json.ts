import { DocumentFault, maxDepth, placeOf, tooDeep } from './document.ts'
import { findJsonFault } from './json-fault.ts'
import { decodeUtf8 } from './text.ts'

const [quote, backslash, openList, closeList, openObject, closeObject] = Buffer.from('"\\[]{}')

/** Whether brackets outside of strings are nested too deeply, in a text that need not be JSON. */
function isTextTooDeep(octets: Uint8Array): boolean {
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

const isHolder = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Whether a value is nested too deeply; that takes a fraction of the time that a look at each octet would. */
function isTooDeep(value: Readonly<Record<string, unknown>>, room: number): boolean {
  if (room === 0) return true
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const member: unknown = value[index]
      if (isHolder(member) && isTooDeep(member, room - 1)) return true
    }
    return false
  }
  for (const key in value) {
    const member = value[key]
    if (isHolder(member) && isTooDeep(member, room - 1)) return true
  }
  return false
}

/** Reads JSON (RFC 8259), with or without a BOM. Throws `DocumentFault`. */
export function parseJson(octets: Uint8Array): unknown {
  const text = decodeUtf8(octets, 'JSON')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    if (isTextTooDeep(octets)) throw tooDeep()
    // What JSON.parse has to say quotes the body, and names a place only at times.
    const { offset, message } = findJsonFault(text)
    throw new DocumentFault('parse', `not JSON: ${message} at ${placeOf(text, offset)}`)
  }
  if (isHolder(value) && isTooDeep(value, maxDepth)) throw tooDeep()
  return value
}
