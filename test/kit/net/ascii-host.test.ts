import { expect, test } from 'vitest'
import { asciiHost, isHostPort } from '../../../src/kit/net/ascii-host.ts'

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

test.each([
  'a',
  'a_b.example:8080',
  'example.org.',
  'münchen.example:81',
  '192.0.2.1',
  '192.0.2.1:80',
  '[::1]',
  '[::1]:443',
])('%j is a host with or without a port', text => {
  expect(isHostPort(text)).toBe(true)
})

test.each([
  '',
  ' ',
  'a b',
  'a\t',
  'a\n',
  'http://x/',
  'a/',
  'a\\b',
  'a?',
  'a#',
  'a@b',
  'a%41',
  'a;b',
  'mün chen',
  'ü.example／x',
])('%j is none', text => {
  expect(isHostPort(text)).toBe(false)
})

test.each([':80', 'foo:99999', 'foo:http', 'foo:', 'foo:1:2', '[::1', '::1', '[::1]80', '[a]'])(
  '%j has a bad address or port',
  text => {
    expect(isHostPort(text)).toBe(false)
  },
)
