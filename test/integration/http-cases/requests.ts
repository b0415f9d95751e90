import { fileURLToPath } from 'node:url'
import { ask, type Case, ip4, type Options } from './case.ts'

const passwordFile = fileURLToPath(new URL('./password.txt', import.meta.url))
const tokenFile = fileURLToPath(new URL('./token.txt', import.meta.url))
const target = '(web)/text/x'

const method = (name: string, body?: string): Case =>
  ask(
    `method ${name}${body === undefined ? '' : ' with a body'}`,
    target,
    body === undefined ? { method: name } : { method: name, body, headers: { 'Content-Type': 'application/json' } },
  )

const headers = (name: string, sent: Options): Case => ask(name, target, { headers: sent })

const basic = (name: string, basic_auth: Options, fails?: string): Case =>
  ask(name, '(web)/basic/', { basic_auth }, fails)

const bearer = (name: string, http: Options, fails?: string): Case => ask(name, '(web)/bearer/', http, fails)

/** What is sent: the servers must have been asked the same by both. */
export const requests: readonly Case[] = [
  method('GET'),
  method('GET', 'unusual'),
  method('POST'),
  method('POST', '{"a": 1}'),
  method('PUT', 'ä €'),
  method('DELETE'),
  method('DELETE', 'x'),
  method('PATCH', 'x'),
  method('OPTIONS'),
  { ...method('PURGE'), differs: ['a length of nothing'] },
  headers('headers', { Accept: 'text/html, */*;q=0.1', 'x-own': 'a b', 'X-Empty': '' }),
  headers('a User-Agent', { 'User-Agent': 'check/1' }),
  headers('a Host', { Host: 'www.example.org' }),
  headers('a host in small letters, with a port', { host: 'www.example.org:8080' }),
  ask('hostname', target, {}, { hostname: 'www.example.org' }),
  ask('hostname and the same Host', target, { headers: { Host: 'a.test' } }, { hostname: 'a.test' }),
  ask('hostname and another Host', target, { headers: { Host: 'b.test' } }, { hostname: 'a.test', refused: 400 }),
  ask('the Host of a name', 'http://localhost:(web.port)/text/x', ip4),
  bearer('no credentials', {}, 'auth'),
  basic('basic_auth', { username: 'me', password: 'secret' }),
  basic('basic_auth from a file', { username: 'me', password_file: passwordFile }),
  basic('basic_auth that is wrong', { username: 'me', password: 'x' }, 'auth'),
  basic('basic_auth without a password', { username: 'me' }, 'auth'),
  basic('basic_auth with other letters', { username: 'mü', password: 'p:ä' }, 'auth'),
  bearer('bearer_token', { bearer_token: 'token' }),
  bearer('bearer_token_file', { bearer_token_file: tokenFile }),
  bearer('authorization', { authorization: { credentials: 'token' } }),
  bearer('authorization from a file', { authorization: { credentials_file: tokenFile } }),
  bearer('authorization of another type', { authorization: { type: 'Token', credentials: 'token' } }, 'auth'),
  bearer('authorization that is wrong', { authorization: { credentials: 'x' } }, 'auth'),
  bearer('an Authorization among the headers', { headers: { Authorization: 'Bearer token' } }),
  bearer('a file that is missing', { bearer_token_file: '/no/such/file' }, 'not_found'),
]
