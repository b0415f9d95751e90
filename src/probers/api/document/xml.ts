import { type Node, parseXmlDocument, type Document as XmlTree } from 'slimdom'
import { DocumentFault, maxDepth, placeOf, tooDeep } from './document.ts'
import { decoderOf, encodingByMark } from './text.ts'

/** What entities may make of a body: that many characters, or twice its own. */
const entityLimits = { entityExpansionThreshold: 256 * 1024, entityExpansionMaxAmplification: 2 }

/** The parser would take the replacement of an external entity to be empty. */
const externalEntity = /<!ENTITY\s+(?:%\s+)?[^\s"'<>]+\s+(?:SYSTEM|PUBLIC)\s/

/** The messages of the parser, which quote the document, and what is said instead. */
const faults: readonly (readonly [RegExp, string])[] = [
  [/^non-well-formed element/, 'an end tag does not match its start tag'],
  [/missing a closing tag/, 'an element is not closed'],
  [/^reference to unknown entity/, 'an entity is not declared'],
  [/must not be recursive/, 'an entity refers to itself'],
  [/must not appear multiple times/, 'an attribute stands twice on an element'],
  [/^use of undeclared/, 'a namespace prefix is not declared'],
  [/^document must contain a single root element/, 'there is more than one root element'],
]

/** The encoding by RFC 7303 and appendix F of XML 1.0: by mark, by Content-Type, by the first octets, by declaration. */
function encodingOf(octets: Uint8Array, charset: string | undefined): string {
  const [first, second] = octets
  if (charset === undefined && first === 0x3c && second === 0) return 'utf-16le'
  if (charset === undefined && first === 0 && second === 0x3c) return 'utf-16be'
  const start = Buffer.from(octets.subarray(0, 200)).toString('latin1')
  const declared = /^<\?xml\s[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1]
  return encodingByMark(octets) ?? charset ?? declared ?? 'utf-8'
}

function decode(octets: Uint8Array, charset: string | undefined): string {
  const decoder = decoderOf(encodingOf(octets, charset), true)
  if (decoder === undefined) throw new DocumentFault('parse', 'not XML: it is in an encoding that sonde does not know')
  try {
    return decoder.decode(octets)
  } catch {
    throw new DocumentFault('parse', `not XML: it holds octets that are not ${decoder.encoding.toUpperCase()}`)
  }
}

function isTooDeep(tree: XmlTree): boolean {
  let depth = 0
  let at: Node = tree
  for (;;) {
    const { firstChild } = at
    if (firstChild !== null) {
      if (++depth > maxDepth) return true
      at = firstChild
      continue
    }
    while (at.nextSibling === null) {
      if (at.parentNode === null) return false
      at = at.parentNode
      depth--
    }
    at = at.nextSibling
  }
}

function faultOf(error: Error, text: string): DocumentFault {
  if (error.message.startsWith('too much entity expansion')) {
    return new DocumentFault('too_large', 'its entities expand to too much')
  }
  const what = faults.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'it is not well-formed'
  const place = /^At (line \d+), character (\d+):$/m.exec(error.message)
  const where = place === null ? placeOf(text, 0) : `${place[1]}, column ${place[2]}`
  return new DocumentFault('parse', `not XML: ${what}, at ${where}`)
}

/** Reads XML 1.0 with namespaces. Nothing beyond the octets is read. Throws `DocumentFault`. */
export function parseXml(octets: Uint8Array, charset: string | undefined): XmlTree {
  const text = decode(octets, charset)
  const start = text.search(/\S/)
  if (start === -1) throw new DocumentFault('parse', 'not XML: the body is empty')
  if (text[start] !== '<') throw new DocumentFault('parse', 'not XML: the body does not start with <')
  if (text.includes('<!DOCTYPE') && externalEntity.test(text)) {
    throw new DocumentFault('parse', 'not read: the document refers to external entities')
  }
  let tree: XmlTree
  try {
    tree = parseXmlDocument(text, entityLimits)
  } catch (error) {
    throw error instanceof RangeError ? tooDeep() : faultOf(error as Error, text)
  }
  if (isTooDeep(tree)) throw tooDeep()
  return tree
}
