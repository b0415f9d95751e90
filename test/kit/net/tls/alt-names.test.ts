import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { dnsNames, isFor } from '../../../../src/kit/net/tls/alt-names.ts'
import { pem } from '../../../support/identities.ts'

const names = new X509Certificate(pem('names.crt'))

test('the DNS names, without what stands in names of another kind', () => {
  expect(dnsNames(names)).toEqual([
    '*.Sonde.test',
    'xn--mnchen-3ya.example',
    'a_b.example',
    'a.*.middle.test',
    '*',
    '127.0.0.9',
    'dot.test.',
    'odd name',
  ])
  expect(dnsNames(new X509Certificate(pem('no-san.crt')))).toEqual([])
})

/** What blackbox_exporter 0.23.0 accepts, too, but for the bare `*`: Go has stopped accepting that since. */
test.each([
  ['a.sonde.test', true],
  ['A.SONDE.TEST', true],
  ['a.sonde.test.', true],
  ['x_y.sonde.test', true],
  ['a.b.sonde.test', false],
  ['sonde.test', false],
  ['.sonde.test', false],
  ['*.sonde.test', true],
  ['xn--mnchen-3ya.example', true],
  ['XN--MNCHEN-3YA.EXAMPLE', true],
  ['a_b.example', true],
  ['a.b.middle.test', false],
  ['localhost', false],
  ['*', true],
  ['127.0.0.1', true],
  ['127.0.0.9', false],
  ['::1', true],
  ['0:0:0:0:0:0:0:1', true],
  ['::2', false],
  ['dot.test.', true],
  ['dot.test', false],
  ['odd name', true],
  ['cn.test', false],
  ['evil.test', false],
  ['mail.test', false],
  ['', false],
  ['.', false],
])('%j: %s', (host, expected) => {
  expect(isFor(names, host)).toBe(expected)
})
