import { fileURLToPath } from 'node:url'
import { pem, pemFile } from '../../support/identities.ts'
import { ask, type Case, ip4, type Options, trusting } from './case.ts'

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** A module whose keys 0.23.0 does not know, and one that says the same in older words. */
const newer = (name: string, target: string, http: Options, older: Options, fails?: string): Case => ({
  ...ask(name, target, http, fails),
  older,
})

const sent = (name: string, http: Options, older: Options): Case => newer(name, '(web)/text/x', http, older)

const authority = trusting()
const client = { cert_file: pemFile('client.crt'), key_file: pemFile('client.key') }
const inline = { ca: pem('ca.crt'), cert: pem('client.crt'), key: pem('client.key') }

const cel = (name: string, body: string, http: Options, pattern: Options, fails?: 'content'): Case => ({
  ...newer(`CEL: ${name}`, `(web)/json/${encodeURIComponent(body)}`, http, pattern, fails),
  differs: ['newer than 0.23.0: CEL'],
})

const matches = (expression: string) => ({ fail_if_body_json_matches_cel: expression })
const lacks = (expression: string) => ({ fail_if_body_json_not_matches_cel: expression })
const patternMatches = (pattern: string) => ({ fail_if_body_matches_regexp: [pattern] })
const patternLacks = (pattern: string) => ({ fail_if_body_not_matches_regexp: [pattern] })

/** What 0.23.0 cannot be told in the same words. */
export const sameInOlderWords: readonly Case[] = [
  sent('http_headers', { http_headers: { 'X-Own': { values: ['a'] } } }, { headers: { 'X-Own': 'a' } }),
  sent(
    'http_headers that are secret',
    { http_headers: { 'X-Own': { secrets: ['a'] } } },
    { headers: { 'X-Own': 'a' } },
  ),
  sent(
    'http_headers from files',
    { http_headers: { 'X-Own': { files: [file('token.txt')] } } },
    { headers: { 'X-Own': 'token' } },
  ),
  sent('body_file', { method: 'POST', body_file: file('token.txt') }, { method: 'POST', body: 'token\n' }),
  newer(
    'username_file',
    '(web)/basic/',
    { basic_auth: { username_file: file('username.txt'), password: 'secret' } },
    { basic_auth: { username: 'me', password: 'secret' } },
  ),
  newer('ca, cert and key', 'https://localhost:(mutual.port)/text/x', { ...ip4, tls_config: inline }, trusting(client)),
  newer(
    'valid_status_codes by class',
    '(web)/status/404',
    { valid_status_codes: ['2xx', '4xx'] },
    { valid_status_codes: [404] },
  ),
  newer(
    'valid_status_codes by range',
    '(web)/status/404',
    { valid_status_codes: ['400-404'] },
    { valid_status_codes: [404] },
  ),
  newer('accept_any_response', '(web)/status/500', { accept_any_response: true }, { valid_status_codes: [500] }),
  newer('source_ip_address', '(web)/text/x', { source_ip_address: '127.0.0.1' }, {}),
  newer('connect_fallback', 'localhost:(web.port)/text/x', { ...ip4, connect_fallback: true }, ip4),
  newer(
    'connect_fallback in vain',
    'https://127.0.0.1:1/',
    { ...authority, connect_fallback: true },
    authority,
    'connect',
  ),
  cel('no match', '{"up": true}', matches('body.up == false'), patternMatches('false')),
  cel('a match', '{"up": false}', matches('body.up == false'), patternMatches('false'), 'content'),
  cel('wanted', '{"list": [1, 2]}', lacks('size(body.list) == 2'), patternLacks('1, 2')),
  cel('wanted, and not there', '{"list": [1]}', lacks('size(body.list) == 2'), patternLacks('1, 2'), 'content'),
  cel('a key that is missing', '{}', matches('body.up == false'), patternMatches('{'), 'content'),
  cel('no JSON', 'up', matches('body.up == false'), patternMatches('up'), 'content'),
  cel('no truth value', '{"up": 1}', lacks('body.up'), patternLacks('x'), 'content'),
]
