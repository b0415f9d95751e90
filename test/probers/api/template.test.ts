import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BadRequest, ProbeFailure } from '../../../src/kit/failure.ts'
import { escapeFor, fillHeader, fillPath } from '../../../src/probers/api/request/escape.ts'
import { fill, parseTemplate, slotsOf, type Values } from '../../../src/probers/api/request/template.ts'

const give =
  (value: string): Values =>
  () =>
    value

describe('parseTemplate', () => {
  test.each([
    ['plain', ['plain']],
    ['', []],
    ['{single} }} {', ['{single} }} {']],
    ['{{param.x}}', [{ kind: 'param', name: 'x' }]],
    ['a{{ login.sid }}b', ['a', { kind: 'extracted', request: 'login', name: 'sid' }, 'b']],
    ['{{target.host}}', [{ kind: 'host' }]],
    [
      '{{a.b.c}}{{param.y}}',
      [
        { kind: 'extracted', request: 'a.b', name: 'c' },
        { kind: 'param', name: 'y' },
      ],
    ],
  ])('%s', (source, parts) => {
    expect(parseTemplate(source)).toMatchObject({ source, parts })
  })

  test.each([
    ['{{param.x', '{{ without }}'],
    ['{{}}', 'expected {{param.NAME}}'],
    ['{{x}}', 'expected {{param.NAME}}'],
    ['{{param.}}', 'expected {{param.NAME}}'],
    ['{{.x}}', 'expected {{param.NAME}}'],
    ['{{target.port}}', 'only {{target.host}}'],
  ])('%s is refused', (source, message) => {
    expect(() => parseTemplate(source)).toThrow(message)
  })

  test('whatever it is given, it throws an Error or takes every character', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', '.', 'a', ' ', 'param') }), source => {
        try {
          const template = parseTemplate(source)
          expect(fill(template, slot => JSON.stringify(slot)).length).toBeGreaterThanOrEqual(slotsOf(template).length)
        } catch (error) {
          expect((error as Error).message).toMatch(/expected \{\{param/)
        }
      }),
    )
  })
})

describe('what a value may do', () => {
  const path = parseTemplate('/api/{{param.x}}/stats')

  test('in a path it stays within its segment', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), value => {
        fc.pre(value !== '.' && value !== '..')
        const url = new URL(`http://host.example:81${fillPath(path, give(value))}`)
        expect([url.host, url.search, url.hash]).toEqual(['host.example:81', '', ''])
        expect(url.pathname.split('/')).toHaveLength(4)
        expect(decodeURIComponent(url.pathname)).toBe(`/api/${value.toWellFormed()}/stats`)
      }),
    )
  })

  test.each(['.', '..'])('%s is no segment', value => {
    expect(() => fillPath(path, give(value))).toThrow(BadRequest)
    expect(() => fillPath(parseTemplate('/a/{{login.x}}'), give(value))).toThrow(ProbeFailure)
    expect(() => fillPath(parseTemplate('/a/.{{param.x}}'), give('.'))).toThrow(BadRequest)
    expect(fillPath(parseTemplate('/a/{{param.x}}..'), give(value))).toBe(`/a/${value}..`)
  })

  test('in a header there are no control characters', () => {
    const template = parseTemplate('Token {{param.x}}')
    expect(fillHeader('X-A', template, give('a b'))).toBe('Token a b')
    for (const value of ['a\nb', 'a\rb', 'a\0b']) {
      expect(() => fillHeader('X-A', template, give(value))).toThrow(BadRequest)
      expect(() => fillHeader('X-A', parseTemplate('{{login.x}}'), give(value))).toThrow(ProbeFailure)
    }
  })

  test.each([
    ['', '{"a": "{{param.x}}"}', (text: string) => JSON.parse(text).a],
    ['application/json', ' {"a": "{{param.x}}"}', (text: string) => JSON.parse(text).a],
    ['application/x-www-form-urlencoded', 'a={{param.x}}&b=1', (text: string) => new URLSearchParams(text).get('a')],
  ])('in a body of %s as text it is escaped', (contentType, source, read) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), value => {
        const text = fill(parseTemplate(source), give(value), escapeFor(contentType, source))
        expect(read(text)).toBe(value.toWellFormed())
      }),
    )
  })

  test('in XML and in plain text', () => {
    const xml = fill(parseTemplate('<a b="{{param.x}}"/>'), give(`<&>"'`), escapeFor('', '<a'))
    expect(xml).toBe('<a b="&lt;&amp;&gt;&quot;&#39;"/>')
    expect(escapeFor('text/plain', '{')('"')).toBe('"')
    expect(escapeFor('', 'PING')('"')).toBe('"')
  })
})
