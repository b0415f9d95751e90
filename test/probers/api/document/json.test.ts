import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Document, DocumentFault } from '../../../../src/probers/api/document/document.ts'
import { findJsonFault } from '../../../../src/probers/api/document/json-fault.ts'
import { parseDocument } from '../../../../src/probers/api/document/parse.ts'
import { decode, faultOf } from './support.ts'

const jsonOf = (body: string | Uint8Array) => (decode(body, 'json') as Document & { format: 'json' }).value

describe('what is JSON is read', () => {
  test.each<[string, string, unknown]>([
    ['a byte order mark', '\ufeff{"a":1}', { a: 1 }],
    ['white space around it', ' \r\n\t[1]\n', [1]],
    ['a bare value', '"x"', 'x'],
    ['null', 'null', null],
    ['a member that stands twice: the last', '{"a":1,"a":2}', { a: 2 }],
    ['escapes and lone surrogates', '"\\u00e9\\ud800"', 'é\ud800'],
    ['numbers beyond a double', '[1e999,-1e999,1e-999]', [Infinity, -Infinity, 0]],
    ['integers beyond 2^53', '9007199254740993', 9007199254740992],
    ['the empty key', '{"":0}', { '': 0 }],
  ])('%s', (_, body, expected) => expect(jsonOf(body)).toEqual(expected))

  test('__proto__ is a member like any other, and changes nothing else', () => {
    const value = jsonOf('{"__proto__":{"polluted":1},"constructor":2}') as Record<string, unknown>
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
    expect(value.polluted).toBeUndefined()
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('a million keys', () => {
    const body = `{${Array.from({ length: 1e6 }, (_, index) => `"k${index}":${index}`).join()}}`
    expect(Object.keys(jsonOf(body) as object)).toHaveLength(1e6)
  }, 60_000)

  test('up to 512 levels', () => {
    expect(jsonOf('['.repeat(512) + ']'.repeat(512))).toBeInstanceOf(Array)
    expect(jsonOf(`"${'['.repeat(600)}\\"${'{'.repeat(600)}"`)).toHaveLength(1201)
  })
})

describe('what is not, is a fault that says where', () => {
  test.each([
    ['', 'not JSON: the body ends too early, expected a value at line 1, column 1'],
    [' \n ', 'not JSON: the body ends too early, expected a value at line 2, column 2'],
    ['<html>secret</html>', 'not JSON: expected a value, this looks like HTML or XML, at line 1, column 1'],
    ['secret', 'not JSON: expected a value at line 1, column 1'],
    ['{"a":1,\n "b": secret}', 'not JSON: expected a value at line 2, column 7'],
    ['{"a":[1,2', 'not JSON: the body ends too early, expected , or a closing bracket at line 1, column 10'],
    ['{"secret', 'not JSON: the body ends within a string at line 1, column 9'],
    ['{"a"', 'not JSON: the body ends too early, expected : at line 1, column 5'],
    ['{"a" 1}', 'not JSON: expected : at line 1, column 6'],
    ['[1,]', 'not JSON: expected a value at line 1, column 4'],
    ['{"a":1,}', 'not JSON: expected a member name in quotes at line 1, column 8'],
    ['{secret:1}', 'not JSON: expected a member name in quotes or } at line 1, column 2'],
    ['[1 2]', 'not JSON: expected , or a closing bracket at line 1, column 4'],
    ['[1}', 'not JSON: expected , or a closing bracket at line 1, column 3'],
    ['{"a":1]', 'not JSON: expected , or a closing bracket at line 1, column 7'],
    ['[1]]', 'not JSON: expected nothing more at line 1, column 4'],
    ['{}{}', 'not JSON: expected nothing more at line 1, column 3'],
    ['"a\u0001b"', 'not JSON: a control character in a string at line 1, column 3'],
    ['"line\nend"', 'not JSON: a control character in a string at line 1, column 6'],
    ['"a\\xb"', 'not JSON: a bad escape in a string at line 1, column 3'],
    ['"\\u12g4"', 'not JSON: a bad escape in a string at line 1, column 2'],
    ['01', 'not JSON: expected a value at line 1, column 1'],
    ['[1.]', 'not JSON: expected a value or ] at line 1, column 2'],
    ['[NaN]', 'not JSON: expected a value or ] at line 1, column 2'],
    ['[-Infinity]', 'not JSON: expected a value or ] at line 1, column 2'],
    ['truefalse', 'not JSON: expected a value at line 1, column 1'],
    ["{'a':1}", 'not JSON: expected a member name in quotes or } at line 1, column 2'],
    ['[1] // secret', 'not JSON: expected nothing more at line 1, column 5'],
    [']', 'not JSON: expected a value at line 1, column 1'],
    ['\u00a0[1]', 'not JSON: expected a value at line 1, column 1'],
  ])('%j', (body, message) => expect(faultOf(body, 'json')).toEqual(['parse', message]))

  test.each<[number[], string]>([
    [[0x22, 0x61, 0xff, 0x22], 'not JSON: octet 2 is not UTF-8'],
    [[0x22, 0xef, 0x41, 0xff, 0x22], 'not JSON: octet 1 is not UTF-8'],
    [[0x22, 0xe9, 0x22], 'not JSON: octet 1 is not UTF-8'],
    [[0x22, 0xc3, 0xa9, 0xef, 0xbf, 0xbd, 0xed, 0xa0, 0x80, 0x22], 'not JSON: octet 6 is not UTF-8'],
    [[0x22, 0xf0, 0x9f, 0x98, 0x80, 0xc0, 0xaf, 0x22], 'not JSON: octet 5 is not UTF-8'],
    [[0xef, 0xbb, 0xbf, 0x22, 0xe2, 0x82], 'not JSON: octet 4 is not UTF-8'],
    [[0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00], 'not JSON: it is in utf-16le, not UTF-8'],
    [[0xfe, 0xff, 0x00, 0x7b], 'not JSON: it is in utf-16be, not UTF-8'],
  ])('octets %j', (octets, message) => expect(faultOf(Uint8Array.from(octets), 'json')).toEqual(['parse', message]))

  test.each(['['.repeat(513) + ']'.repeat(513), '['.repeat(1e6), '{"a":'.repeat(1e5)])('nested too deeply', body => {
    expect(faultOf(body, 'json')).toEqual(['too_large', 'nested deeper than 512 levels'])
  })

  test('a body of one unclosed string costs no more than its length', () => {
    expect(faultOf(`"${'\\n'.repeat(5e5)}`, 'json')[1]).toContain('the body ends within a string')
  })
})

describe('properties', () => {
  const json = fc.json({ maxDepth: 4 })

  test('a fault is found where it is, or where the token starts that it breaks', () => {
    fc.assert(
      fc.property(json, fc.nat(), (text, at) => {
        const bad = at % (text.length + 1)
        const { offset } = findJsonFault(`${text.slice(0, bad)}\u0001${text.slice(bad)}`)
        expect(offset).toBeLessThanOrEqual(bad)
        expect(text.slice(offset, bad)).toMatch(/^(?:[\w.+-]*|\\u?[\da-f]{0,3})$/i)
      }),
    )
  })

  test('a body that is cut short is a fault at its end, or where the token starts that is cut', () => {
    fc.assert(
      fc.property(json, fc.nat(), (text, at) => {
        const cut = text.slice(0, at % text.length)
        fc.pre(!/^\s*-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(cut))
        expect(faultOf(cut, 'json')[0]).toBe('parse')
        expect(cut.slice(findJsonFault(cut).offset)).toMatch(/^(?:[\w.+-]*|\\u?[\da-f]{0,3})$/i)
      }),
    )
  })

  test('octets give a document or a DocumentFault that quotes none of them', () => {
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: 'binary', maxLength: 100 }).map(text => Buffer.from(text)),
      fc.tuple(json, fc.nat(), fc.nat(255)).map(([text, at, octet]) => {
        const body = Buffer.from(text)
        if (body.length > 0) body[at % body.length] = octet
        return body
      }),
    )
    fc.assert(
      fc.property(octets, fc.constantFrom('json' as const, 'text' as const), (body, format) => {
        try {
          expect(parseDocument(body, format).format).toBe(format)
        } catch (error) {
          expect(error).toBeInstanceOf(DocumentFault)
          expect((error as Error).message).toMatch(/^[ -~]+$/)
        }
      }),
      { numRuns: 500 },
    )
  })
})
