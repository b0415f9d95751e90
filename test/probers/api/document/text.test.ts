import { expect, test } from 'vitest'
import { charsetOf, detectFormat } from '../../../../src/probers/api/document/content-type.ts'
import { decode } from './support.ts'

test.each<[string, Uint8Array, string | undefined, string]>([
  ['UTF-8', Buffer.from('é\r\n'), undefined, 'é\r\n'],
  ['a byte order mark', Buffer.from('\ufeffx'), undefined, 'x'],
  ['nothing', Buffer.of(), undefined, ''],
  ['octets that stand for nothing', Buffer.of(0x61, 0xff, 0x62), undefined, 'a\ufffdb'],
  ['a charset', Buffer.of(0xe9), 'ISO-8859-1', 'é'],
  ['a charset without a name', Buffer.from('é'), 'x-nope', 'é'],
  ['the mark over the charset', Buffer.from('\ufeffé', 'utf16le'), 'utf-8', 'é'],
])('text: %s', (_, body, charset, text) => {
  expect(decode(body, 'text', charset)).toEqual({ format: 'text', text })
})

test.each([
  ['application/json', 'x', 'json'],
  ['Application/JSON; charset=utf-8', 'x', 'json'],
  ['text/json', 'x', 'json'],
  ['application/health+json', 'x', 'json'],
  ['application/xml', 'x', 'xml'],
  ['text/xml;charset=utf-8', 'x', 'xml'],
  ['application/atom+xml', 'x', 'xml'],
  ['text/html', '<html>', 'text'],
  ['text/plain; version=0.0.4', '{', 'text'],
  ['application/octet-stream', ' \n{', 'json'],
  ['', '\ufeff[', 'json'],
  [undefined, '\n<a/>', 'xml'],
  [undefined, 'up 1', 'text'],
  [undefined, '', 'text'],
])('auto: %j with %j is %s', (type, body, format) => {
  expect(detectFormat(type, Buffer.from(body))).toBe(format)
})

test.each([
  ['text/plain; charset=ISO-8859-1', 'ISO-8859-1'],
  ['text/plain;x=1; Charset="utf-8"', 'utf-8'],
  ['text/plain', undefined],
  [undefined, undefined],
])('the charset of %j', (type, charset) => expect(charsetOf(type)).toBe(charset))
