import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseYaml, printYaml } from '../../src/config/yaml.ts'

const value = (text: string) => parseYaml(text).value

describe('the dialect of yaml.v3', () => {
  test.each([
    ['a: &x {b: 1}\nc: {<<: *x, d: 2}', { a: { b: 1 }, c: { b: 1, d: 2 } }],
    ['a: !!binary aGk=', { a: Uint8Array.from([104, 105]) }],
    ['a: yes', { a: 'yes' }],
    ['a: 010', { a: '010' }],
    ['a: 1.10', { a: '1.10' }],
    ['a: 0x1F', { a: '0x1F' }],
    ['a: 1e3', { a: '1e3' }],
    ['a: True', { a: 'True' }],
    ['a: 12', { a: 12 }],
    ['a: -1.5', { a: -1.5 }],
    ['a: true', { a: true }],
    ['a: ~', { a: null }],
    ['a: 90071992547409919', { a: '90071992547409919' }],
    ['a: 1\n---\nb: 2', { a: 1 }],
    ['\ufeffa: 1', { a: 1 }],
    ['', undefined],
    ['# nothing', undefined],
  ])('%j', (text, expected) => {
    expect(parseYaml(text).faults).toEqual([])
    expect(value(text)).toEqual(expected)
  })
})

describe('faults', () => {
  test.each([
    ['a: [', 1, 5, 'unexpected end'],
    ['a: 1\nb: 2\na: 3', 3, 1, 'this key stands twice'],
    ['a: {b: 1, b: 2}', 1, 11, 'this key stands twice'],
    ['a: &a [*a]', 1, 1, 'too large once aliases are expanded'],
    ['a: *nope', 1, 5, 'unidentified alias'],
    ['a: !!python/object x', 1, 4, 'unknown'],
    ['\ta: 1', 1, 3, ''],
  ])('%j stands at %i:%i', (text, line, column, message) => {
    const [fault] = parseYaml(text).faults
    expect(fault).toMatchObject({ line, column })
    expect(fault?.message).toContain(message)
  })

  test.each([
    ['p: *hunter2', 'unidentified alias: text that begins with * needs quotes'],
    ['p: !hunter2', 'unknown scalar tag: text that begins with ! needs quotes'],
    ['p: !hunter2 [x]', 'unknown sequence tag: text that begins with ! needs quotes'],
    ['p: !hunter2!x y', 'undeclared tag handle: text that begins with ! needs quotes'],
    ['p: !<hunter2%> y', 'tag name cannot contain such characters: text that begins with ! needs quotes'],
  ])('%j, which may be a secret without its quotes, is not shown', (text, message) => {
    expect(parseYaml(text).faults).toMatchObject([{ message }])
  })

  test('every duplicate is told, each at its second place', () => {
    expect(parseYaml('a: 1\na: 2\nb: {c: 1, c: 2}').faults.map(({ line, column }) => [line, column])).toEqual([
      [2, 1],
      [3, 11],
    ])
  })

  test('billion laughs is refused in a moment', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let level = 1; level < 12; level++) {
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      )
    }
    expect(parseYaml(lines.join('\n')).faults[0]?.message).toContain('too large')
  })
})

describe('positions', () => {
  const text =
    'modules:\n  "a.b/c~d":\n    timeout: 5\n    list:\n      - one\n      - {two: 2}\n  other: &x\n    k: v\n  merged:\n    <<: *x\n'
  const { position } = parseYaml(text)
  test.each([
    [['modules'], 1, 1],
    [['modules', 'a.b/c~d', 'timeout'], 3, 5],
    [['modules', 'a.b/c~d', 'list', 0], 5, 9],
    [['modules', 'a.b/c~d', 'list', 1, 'two'], 6, 10],
    [['modules', 'a.b/c~d', 'missing', 'deeper'], 2, 3],
    [['modules', 'merged', 'k'], 9, 3],
    [[], 1, 1],
  ])('%j', (path, line, column) => {
    expect(position(path)).toEqual({ line, column })
  })
})

describe('properties', () => {
  test('text of any kind gives a value or faults, never an exception', () => {
    const yamlish = fc.array(
      fc.constantFrom(
        'a',
        ': ',
        '- ',
        '\n',
        '  ',
        '[',
        ']',
        '{',
        '}',
        ',',
        '"',
        "'",
        '&x',
        '*x',
        '<<',
        '!!binary ',
        '|',
        '>',
        '#',
        '---\n',
        '?',
        '%',
        '\t',
        '\0',
        '1',
        '~',
        '__proto__',
      ),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          yamlish.map(parts => parts.join('')),
        ),
        text => {
          const { faults, position } = parseYaml(text)
          position(['modules', 'x', 0])
          expect(Array.isArray(faults)).toBe(true)
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('what is printed reads back the same', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()))),
        data => {
          const clean = Object.fromEntries(Object.entries(data).filter(([key]) => key !== '<<' && key !== '__proto__'))
          expect({ ...(value(printYaml(clean)) as object) }).toEqual(clean)
        },
      ),
    )
  })
})
