import { expect, test } from 'vitest'
import { asciiHost } from '../../../src/kit/net/ascii-host.ts'

test.each([
  ['Example.ORG:80', 'Example.ORG:80'],
  ['', ''],
  ['münchen.example', 'xn--mnchen-3ya.example'],
  ['MÜNCHEN.example:8080', 'xn--mnchen-3ya.example:8080'],
  ['münchen。example', 'xn--mnchen-3ya.example'],
  ['mün chen', undefined],
  ['ü\n', undefined],
  ['ü.example/x', undefined],
  ['a@ü.example', undefined],
  ['\ud800', undefined],
])('%j: %j', (text, expected) => {
  expect(asciiHost(text)).toBe(expected)
})
