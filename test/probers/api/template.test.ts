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
    ['a{{"{{"}}b}} {{ "{{" }}', ['a', '{{', 'b}} ', '{{']],
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
        fc.pre(!value.split(/[/\\]/).some(step => step === '.' || step === '..'))
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

  test.each(['../..', 'a/../b', 'a\\..\\b', '/.'])(
    '%s makes steps where a server undoes %%2F and %%5C first',
    value => {
      for (const template of [path, parseTemplate('/a/../{{param.x}}')]) {
        expect(() => fillPath(template, give(value))).toThrow('a value makes a step of the path')
      }
      expect(fillPath(parseTemplate('/a/../{{param.x}}'), give('b/c'))).toBe('/a/../b%2Fc')
    },
  )

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
        const template = parseTemplate(source)
        const text = fill(template, give(value), escapeFor(contentType, template))
        expect(read(text)).toBe(value.toWellFormed())
      }),
    )
  })

  test('in XML and in plain text', () => {
    const suitFor = (contentType: string, source: string) => escapeFor(contentType, parseTemplate(source))
    const xml = fill(parseTemplate('<a b="{{param.x}}"/>'), give(`<&>"'`), suitFor('', '<a'))
    expect(xml).toBe('<a b="&lt;&amp;&gt;&quot;&#39;"/>')
    for (const [contentType, source] of [
      ['text/plain', '{'],
      ['', 'PING'],
      ['', '{{param.x}}'],
    ] as const) {
      expect(suitFor(contentType, source)('"')).toBe('"')
    }
  })
})
