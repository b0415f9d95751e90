import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Document, DocumentFault } from '../../../../src/probers/api/document/document.ts'
import { parseDocument } from '../../../../src/probers/api/document/parse.ts'
import { decode, faultOf } from './support.ts'

const textOf = (body: string | Uint8Array, charset?: string) =>
  (decode(body, 'xml', charset) as Document & { format: 'xml' }).tree.documentElement?.textContent

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16()
const elements = (name: string, depth: number, inner = '') =>
  `<${name}>`.repeat(depth) + inner + `</${name}>`.repeat(depth)

describe('what is well-formed is read', () => {
  test.each<[string, string | Uint8Array, string | undefined, string]>([
    ['plain', '<a>é</a>', undefined, 'é'],
    ['a byte order mark', '\ufeff<a>é</a>', undefined, 'é'],
    ['white space before it', '\n <a/>', undefined, ''],
    ['CDATA and the five entities', '<a><![CDATA[<]]>&lt;&amp;&gt;&quot;&apos;</a>', undefined, '<<&>"\''],
    ['character references', '<a>&#233;&#x1F600;</a>', undefined, 'é😀'],
    ['UTF-16LE by its mark', Buffer.from('\ufeff<a>é</a>', 'utf16le'), undefined, 'é'],
    ['UTF-16BE by its mark', utf16be('\ufeff<?xml version="1.0" encoding="UTF-16"?><a>é</a>'), undefined, 'é'],
    ['UTF-16LE by its first octets', Buffer.from('<?xml version="1.0"?><a>é</a>', 'utf16le'), undefined, 'é'],
    ['UTF-16BE by its first octets', utf16be('<?xml version="1.0"?><a>é</a>'), undefined, 'é'],
    [
      'Latin-1 by declaration',
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>', 'latin1'),
      undefined,
      'é',
    ],
    ['Latin-1 by Content-Type', Buffer.from('<a>é</a>', 'latin1'), 'iso-8859-1', 'é'],
    ['Content-Type over declaration', '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>', 'UTF-8', 'é'],
    ['the mark over Content-Type', '\ufeff<a>é</a>', 'iso-8859-1', 'é'],
    [
      'a document type elsewhere, which is not fetched',
      '<!DOCTYPE p PUBLIC "-//x" "http://192.0.2.1/p.dtd"><p>1</p>',
      undefined,
      '1',
    ],
    ['entities of its own', '<!DOCTYPE a [<!ENTITY n "v"><!ELEMENT a ANY>]><a>&n;&n;</a>', undefined, 'vv'],
    ['up to 512 levels', elements('a', 511, 'x'), undefined, 'x'],
  ])('%s', (_, body, charset, expected) => expect(textOf(body, charset)).toBe(expected))
})

const laughs = `<!DOCTYPE l [<!ENTITY a0 "lol">${Array.from(
  { length: 9 },
  (_, index) => `<!ENTITY a${index + 1} "${`&a${index};`.repeat(10)}">`,
).join('')}]><l>&a9;</l>`
const blowUp = `<!DOCTYPE l [<!ENTITY a "${'x'.repeat(50_000)}">]><l>${'&a;'.repeat(50_000)}</l>`

describe('what is not, is a fault that says where and quotes nothing', () => {
  test.each<[string, string]>([
    ['', 'not XML: the body is empty'],
    [' \n', 'not XML: the body is empty'],
    ['{"secret":1}', 'not XML: the body does not start with <'],
    ['secret', 'not XML: the body does not start with <'],
    ['<a>\n<secret></b></a>', 'not XML: an end tag does not match its start tag, at line 2, column 9'],
    ['<a><secret>text', 'not XML: an element is not closed, at line 1, column 5'],
    ['<a><b', 'not XML: it is not well-formed, at line 1, column 6'],
    [
      '<html><head><meta charset="utf-8"></head></html>',
      'not XML: an end tag does not match its start tag, at line 1, column 35',
    ],
    ['<a>&secret;</a>', 'not XML: an entity is not declared, at line 1, column 4'],
    ['<a secret="1" secret="2"/>', 'not XML: an attribute stands twice on an element, at line 1, column 15'],
    ['<secret:a/>', 'not XML: a namespace prefix is not declared, at line 1, column 2'],
    ['<a/><secret/>', 'not XML: there is more than one root element, at line 1, column 6'],
    ['<a>\0</a>', 'not XML: it is not well-formed, at line 1, column 4'],
    ['<a>x & y</a>', 'not XML: it is not well-formed, at line 1, column 6'],
    ['<a x="<"/>', 'not XML: it is not well-formed, at line 1, column 7'],
    ['<!-- only a comment -->', 'not XML: it is not well-formed, at line 1, column 24'],
    ['<?xml version="1.0" encoding="secret"?><a/>', 'not XML: it is in an encoding that sonde does not know'],
    [
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
      'not read: the document refers to external entities',
    ],
    [
      '<!DOCTYPE a [<!ENTITY x PUBLIC "p" "http://192.0.2.1/">]><a>&x;</a>',
      'not read: the document refers to external entities',
    ],
    [
      '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://192.0.2.1/"> %x;]><a/>',
      'not read: the document refers to external entities',
    ],
    [
      '<!DOCTYPE a [<!ENTITY a "&b;"><!ENTITY b "&a;">]><a>&a;</a>',
      'not XML: an entity refers to itself, at line 1, column 1',
    ],
  ])('%j', (body, message) => expect(faultOf(body, 'xml')).toEqual(['parse', message]))

  test.each<[string, Uint8Array, string | undefined, string]>([
    ['UTF-8', Buffer.from('<a>\xff</a>', 'latin1'), undefined, 'not XML: it holds octets that are not UTF-8'],
    [
      'UTF-16LE',
      Buffer.from('\ufeff<a>\ud800</a>', 'utf16le'),
      undefined,
      'not XML: it holds octets that are not UTF-16LE',
    ],
    [
      'a charset without a name',
      Buffer.from('<a/>'),
      'x-nope',
      'not XML: it is in an encoding that sonde does not know',
    ],
  ])('octets that are not %s', (_, body, charset, message) =>
    expect(faultOf(body, 'xml', charset)).toEqual(['parse', message]),
  )

  test.each<[string, string, string]>([
    ['billion laughs', laughs, 'its entities expand to too much'],
    ['quadratic blow-up', blowUp, 'its entities expand to too much'],
    ['100 000 levels', elements('a', 100_000), 'nested deeper than 512 levels'],
    ['513 levels', elements('a', 513), 'nested deeper than 512 levels'],
    [
      '513 levels by entities',
      `<!DOCTYPE a [<!ENTITY e "${elements('b', 300, '&f;')}"><!ENTITY f "${elements('c', 300)}">]><a>&e;</a>`,
      'nested deeper than 512 levels',
    ],
  ])('%s', (_, body, message) => expect(faultOf(body, 'xml')).toEqual(['too_large', message]))

  test('100 000 levels without an end', () => {
    expect(faultOf('<a>'.repeat(100_000), 'xml')[1]).toBe('not XML: an element is not closed, at line 1, column 299999')
  })

  test('octets and broken markup give a document or a DocumentFault', () => {
    const markup = fc
      .array(
        fc.constantFrom(
          '<a>',
          '</a>',
          '<b x="1">',
          '</b>',
          '<!DOCTYPE a [',
          ']>',
          '<!ENTITY e "&e;">',
          '&e;',
          '&#0;',
          '<![CDATA[',
          ']]>',
          '<?xml version="1.0"?>',
          'x',
          '<',
          '>',
          '"',
          '\ud800',
          '\0',
        ),
        { maxLength: 20 },
      )
      .map(parts => Buffer.from(parts.join('')))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), markup), body => {
        try {
          expect(parseDocument(body, 'xml').format).toBe('xml')
        } catch (error) {
          expect(error).toBeInstanceOf(DocumentFault)
          expect((error as Error).message).toMatch(/^not (?:XML|read): [\w ,.<-]+$/)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
