import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  addressOptions,
  bool,
  bytes,
  configPath,
  inFolder,
  integer,
  number,
  pattern,
  secret,
  text,
  z,
} from '../../src/kit/options.ts'
import { Secret } from '../../src/kit/secret.ts'

const value = (schema: z.ZodType, input: unknown) => schema.safeParse(input)

describe.each([
  [
    'text',
    text(),
    [
      ['a', 'a'],
      [5, '5'],
      [true, 'true'],
    ],
    [null, [], {}, undefined],
  ],
  [
    'integer',
    integer(0, 100),
    [
      [7, 7],
      ['0x1F', 31],
      ['010', 10],
      ['+5', 5],
      ['0o17', 15],
    ],
    [101, -1, 1.5, 'x', '1e1', true],
  ],
  [
    'number',
    number(0, 1),
    [
      [0.2, 0.2],
      ['0.20', 0.2],
      ['1.0', 1],
      ['1e-2', 0.01],
    ],
    [-0.1, '-0.10', 1.5, 'x', '', '0x1', true, null],
  ],
  [
    'bool',
    bool(),
    [
      [true, true],
      ['yes', true],
      ['Off', false],
      ['y', true],
      ['FALSE', false],
    ],
    ['maybe', 1, null],
  ],
  [
    'bytes',
    bytes(),
    [
      [1024, 1024],
      ['10MB', 10_485_760],
      ['1.5KiB', 1536],
      ['2G', 2_147_483_648],
      ['0', 0],
    ],
    ['x', '-1', '1 TBs', 1.5e300, '0.5B', '9'.repeat(400)],
  ],
] as [string, z.ZodType, [unknown, unknown][], unknown[]][])('%s', (_name, schema, good, bad) => {
  test.each(good)('%j is %j', (input, expected) => {
    expect(value(schema, input)).toMatchObject({ success: true, data: expected })
  })
  test.each(bad.map(input => [input]))('%j is refused', input => {
    expect(value(schema, input).success).toBe(false)
  })
})

test('a pattern is compiled at load and says what is wrong', () => {
  const { data } = value(pattern(), '(?i)^a.b$')
  expect((data as ReturnType<typeof Object>).test('A\u00e9B')).toBe(true)
  expect(JSON.stringify({ data })).toBe('{"data":"(?i)^a.b$"}')
  expect(value(pattern(), 'a(?=b)').error?.issues[0]?.message).toMatch(/^bad regular expression: /)
  expect(value(pattern(), '('.repeat(5000)).success).toBe(false)
})

test('a pattern matches octets as UTF-8', () => {
  const { data } = value(pattern(), 'caf.$')
  expect((data as ReturnType<typeof Object>).test(Buffer.from('un café'))).toBe(true)
})

test('a secret shows itself only when asked', async () => {
  const kept = new Secret('hunter2')
  expect(await kept.reveal()).toBe('hunter2')
  expect(
    [String(kept), JSON.stringify(kept), inspect(kept), `${kept}`, inspect({ kept }, { depth: 9 })].join(),
  ).not.toContain('hunter2')
  expect(value(secret(), 12345).data).toBeInstanceOf(Secret)
})

test('a relative path belongs to the folder of the configuration', () => {
  const paths = inFolder('/etc/sonde', () => ['x', './y/../z', '/abs'].map(path => configPath().parse(path)))
  expect(paths).toEqual(['/etc/sonde/x', '/etc/sonde/z', '/abs'])
})

test.each([
  ['ip4', 'ip4'],
  ['ip6', 'ip6'],
])('preferred_ip_protocol %s', (input, expected) => {
  expect(addressOptions.preferred_ip_protocol.parse(input)).toBe(expected)
})

test('the address family is ip6 with fallback unless told otherwise, as in blackbox_exporter', () => {
  expect(z.strictObject(addressOptions).parse({})).toEqual({ preferred_ip_protocol: 'ip6', ip_protocol_fallback: true })
})
