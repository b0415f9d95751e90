import type { ServerResponse } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { redirecting } from '../../probers/http/support.ts'
import type { Handler } from '../../support/servers.ts'

const sentence = 'The quick brown fox jumps over the lazy dog. '.repeat(40)

const codings: Readonly<Record<string, (text: string) => Buffer>> = {
  gzip: gzipSync,
  br: brotliCompressSync,
  deflate: deflateRawSync,
  zlib: deflateSync,
  identity: Buffer.from,
}

let tokens = 0

const giveToken = (response: ServerResponse, access_token: string) =>
  response
    .writeHead(200, { 'Content-Type': 'application/json' })
    .end(JSON.stringify({ access_token, token_type: 'Bearer', expires_in: 3600 }))

/** Each answers what follows its name in the path. */
const routes: Readonly<Record<string, (rest: string) => Handler>> = {
  status: code => (_request, response) => response.writeHead(Number(code)).end(code === '204' ? undefined : 'text'),
  text: text => (_request, response) => response.end(text),
  bytes: count => (_request, response) => response.end(Buffer.alloc(Number(count), 'x')),
  coded: coding => (_request, response) =>
    response.writeHead(200, { 'Content-Encoding': coding }).end(codings[coding]?.(sentence)),
  chunked: () => (_request, response) => {
    response.write('one')
    response.end('two')
  },
  length: () => (_request, response) => response.writeHead(200, { 'Content-Length': 4 }).end('four'),
  modified: date => (_request, response) => response.writeHead(200, { 'Last-Modified': date }).end(),
  headers: () => (_request, response) =>
    response.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'], 'X-Empty': '', 'X-Kind': 'fine' }).end(),
  json: text => (_request, response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(text),
  query: () => (request, response) =>
    request.url?.includes('?') ? response.end('text') : response.writeHead(302, { Location: '?a=1' }).end('moved'),
  loop: () => (_request, response) => response.writeHead(302, { Location: '/loop/' }).end(),
  basic: () => (request, response) =>
    response.writeHead(request.headers.authorization === 'Basic bWU6c2VjcmV0' ? 200 : 401).end(),
  bearer: () => (request, response) =>
    response.writeHead(request.headers.authorization === 'Bearer token' ? 200 : 401).end(),
  cookie: location => (_request, response) =>
    response.writeHead(302, { 'Set-Cookie': 'visited=yes; Path=/', Location: location || '/cookies/' }).end(),
  cookies: () => (request, response) => response.writeHead(request.headers.cookie === 'visited=yes' ? 200 : 403).end(),
  silent: () => () => {},
  slow: () => (_request, response) => void response.writeHead(200, { 'Content-Length': 10 }).write('five '),
  token: () => (_request, response) => giveToken(response, 'token'),
  fresh: () => (_request, response) => giveToken(response, `fresh${tokens++}`),
}

/** Answers as the path says; `/to/…` redirects. */
export const answering: Handler = (request, response, body) => {
  const [, name = '', rest = ''] = /^\/(\w*)\/?([^?]*)/.exec(request.url ?? '') ?? []
  const route = routes[name]
  if (route !== undefined) route(decodeURIComponent(rest))(request, response, body)
  else redirecting(request, response, body)
}
