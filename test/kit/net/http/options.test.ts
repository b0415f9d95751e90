import { expect, test } from 'vitest'
import { checkHttpClient, httpClientOptions } from '../../../../src/kit/net/http/options.ts'
import { z } from '../../../../src/kit/options.ts'

const schema = z.strictObject(httpClientOptions).superRefine(checkHttpClient)

const messagesOf = (section: unknown) => {
  const { error } = schema.safeParse(section)
  const flat = (issues: readonly z.core.$ZodIssue[] = []): string[] =>
    issues.flatMap(issue =>
      issue.code === 'invalid_key' ? flat(issue.issues) : [`${issue.path.join('.')}: ${issue.message}`],
    )
  return flat(error?.issues)
}
const token = { client_id: 'a', token_url: 'https://token.test/' }

test.each([
  ['nothing', {}],
  ['basic_auth', { basic_auth: { username: 'a', password_file: '/b' } }],
  ['an empty basic_auth', { basic_auth: {} }],
  ['authorization', { authorization: { type: ' Token ', credentials: 'a' } }],
  ['a bearer token', { bearer_token: 'a' }],
  ['empty text beside a value', { bearer_token: '', bearer_token_file: '/a', basic_auth: undefined }],
  ['oauth2', { oauth2: { ...token, scopes: ['a'], endpoint_params: { b: 'c' }, client_secret: 'd' } }],
  [
    'oauth2 by JWT',
    {
      oauth2: {
        ...token,
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        client_certificate_key_file: '/a',
      },
    },
  ],
  ['a proxy', { proxy_url: 'socks5://u:p@proxy.test:1080', no_proxy: 'a.test,10.0.0.0/8' }],
  ['headers for the proxy', { proxy_url: 'http://proxy.test', proxy_connect_header: { A: ['b'] } }],
  ['the proxy of the environment', { proxy_from_environment: true, proxy_connect_header: { A: ['b'] } }],
  ['http_headers', { http_headers: { 'X-A': { values: ['a'], secrets: ['b'], files: ['/c'] } } }],
  ['http_headers, empty', { http_headers: {} }],
  ['HTTP/2 off', { enable_http2: 'no' }],
])('good: %s', (_name, section) => {
  expect(messagesOf(section)).toEqual([])
})

test.each([
  [
    'two ways to log in',
    { basic_auth: {}, authorization: {} },
    'at most one of basic_auth and authorization may be set',
  ],
  ['three', { basic_auth: {}, oauth2: token, bearer_token_file: '/a' }, 'basic_auth and oauth2 and bearer_token'],
  ['two tokens', { bearer_token: 'a', bearer_token_file: '/b' }, 'bearer_token_file: at most one of'],
  ['two passwords', { basic_auth: { password: 'a', password_file: '/b' } }, 'basic_auth.password_file: at most one of'],
  ['two user names', { basic_auth: { username: 'a', username_file: '/b' } }, 'basic_auth.username_file: at most one'],
  ['two credentials', { authorization: { credentials: 'a', credentials_file: '/b' } }, 'credentials_file: at most one'],
  ['type basic', { authorization: { type: 'BASIC' } }, 'authorization.type: expected another type than basic'],
  ['a type of two words', { authorization: { type: 'a b' } }, 'authorization.type: expected one word'],
  ['a token with a line break', { bearer_token: 'a\nb' }, 'bearer_token: expected a header value'],
  ['credentials with a line break', { authorization: { credentials: 'a\n' } }, 'credentials: expected a header value'],
  ['oauth2 without an id', { oauth2: { token_url: token.token_url } }, 'oauth2.client_id:'],
  ['oauth2 with an empty id', { oauth2: { ...token, client_id: '' } }, 'oauth2.client_id: expected a client id'],
  ['oauth2 without a URL', { oauth2: { client_id: 'a' } }, 'oauth2.token_url:'],
  [
    'oauth2 with a bad URL',
    { oauth2: { ...token, token_url: 'x' } },
    'oauth2.token_url: expected an http or https URL',
  ],
  ['oauth2 with two secrets', { oauth2: { ...token, client_secret: 'a', client_secret_file: '/b' } }, 'at most one of'],
  ['oauth2 with a bad proxy', { oauth2: { ...token, no_proxy: 'a' } }, 'oauth2.no_proxy: needs proxy_url'],
  ['a proxy that is none', { proxy_url: 'ftp://proxy.test' }, 'proxy_url: expected the URL of a proxy'],
  ['two proxies', { proxy_url: 'http://a', proxy_from_environment: true }, 'proxy_url: cannot be combined with'],
  ['no_proxy without a proxy', { no_proxy: 'a' }, 'no_proxy: needs proxy_url'],
  ['headers for no proxy', { proxy_connect_header: { A: ['b'] } }, 'proxy_connect_header: needs proxy_url'],
  ['a reserved name', { http_headers: { 'user-AGENT': { values: ['a'] } } }, 'this header may not be set here'],
  ['another', { http_headers: { 'X-Amz-Date': { values: ['a'] } } }, 'this header may not be set here'],
  ['a name that is none', { http_headers: { 'X A': { values: ['a'] } } }, 'expected the name of an HTTP header'],
  [
    'a value with a line break',
    { http_headers: { X: { secrets: ['a\r\nb'] } } },
    'X.secrets.0: expected a header value',
  ],
  ['a reference', { basic_auth: { password_ref: 'a' } }, 'basic_auth.password_ref: sonde has no secret manager'],
  ['another reference', { authorization: { credentials_ref: 'a' } }, 'credentials_ref: sonde has no secret manager'],
])('bad: %s', (_name, section, expected) => {
  expect(messagesOf(section).join('\n')).toContain(expected)
})

test.each([
  'Transfer-Encoding',
  'TE',
  'trailer',
  'Upgrade',
  'Proxy-Connection',
  'Keep-Alive',
  'Content-Length',
  'HTTP2-Settings',
])('bad in http_headers: %s, which belongs to the connection', name => {
  const section = { http_headers: { [name]: { secrets: ['x'] } } }
  expect(messagesOf(section).join('\n')).toContain('this header may not be set here')
})

test('no message holds a secret', () => {
  const section = { bearer_token: 'hunter2\n', basic_auth: { password: 'hunter2', password_file: '/a' } }
  expect(messagesOf(section).join()).not.toContain('hunter2')
})
