import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BadRequest } from '../../../src/kit/failure.ts'
import { parseHostPort } from '../../../src/kit/net/target.ts'

test.each([
  ['example.org', 'example.org', 53],
  ['example.org:5353', 'example.org', 5353],
  ['192.0.2.1', '192.0.2.1', 53],
  ['192.0.2.1:1', '192.0.2.1', 1],
  ['2001:db8::1', '2001:db8::1', 53],
  ['[2001:db8::1]', '2001:db8::1', 53],
  ['[2001:db8::1]:65535', '2001:db8::1', 65_535],
  ['::1', '::1', 53],
  ['bücher.example', 'xn--bcher-kva.example', 53],
  ['_dns.example', '_dns.example', 53],
  ['EXAMPLE.org.', 'EXAMPLE.org.', 53],
  ['1.2.3', '1.2.3', 53],
])('%s', (target, host, port) => {
  expect(parseHostPort(target, 53)).toEqual({ host, port })
})

test.each([
  '',
  ':53',
  'a b',
  'host:',
  'host:0',
  'host:65536',
  'host:x',
  '[::1',
  '[::1]x',
  '[1.2.3.4]:53',
  'a:b:c',
  'user@host',
  'http://host',
  'host/path',
  'a\nb',
  'a'.repeat(3000),
  '[::1]:',
  '%31:53',
  'a%2eb',
  'fe80::1%eth0',
])('%j is a bad request', target => {
  expect(() => parseHostPort(target, 53)).toThrow(BadRequest)
})

test('without a default the port is required', () => {
  expect(() => parseHostPort('example.org')).toThrow(BadRequest)
  expect(parseHostPort('example.org:25')).toEqual({ host: 'example.org', port: 25 })
})

test('any text gives an address or a bad request', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      try {
        parseHostPort(text, 53)
      } catch (error) {
        expect(error).toBeInstanceOf(BadRequest)
      }
    }),
  )
})
