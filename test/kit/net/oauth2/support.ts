import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { oauth2 as schema } from '../../../../src/kit/net/oauth2/options.ts'
import { defaultPolicy } from '../../../../src/kit/net/policy/policy.ts'
import type { LogFields } from '../../../../src/kit/prober.ts'
import { type Asked, serve, type TestServer } from '../../../support/servers.ts'

export const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

export const newRsaPair = (modulusLength = 2048) =>
  generateKeyPairSync('rsa', {
    modulusLength,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })

type Answer = { readonly status?: number; readonly type?: string; readonly body: unknown }

/** A token server; `answer` says what it answers to the n-th request, counted from 1. */
export function serveTokens(answer: (asked: Asked, count: number) => Answer | Promise<Answer>): Promise<TestServer> {
  let count = 0
  return serve(async ({ method = '', url = '', headers, rawHeaders }, response, body) => {
    count++
    const {
      status = 200,
      type = 'application/json',
      body: said,
    } = await answer({ method, url, headers, rawHeaders, body }, count)
    response.writeHead(status, { 'Content-Type': type })
    response.end(typeof said === 'string' ? said : JSON.stringify(said))
  })
}

/** `t1`, `t2` and so on, each for so many seconds. */
export const numbered =
  (seconds?: number) =>
  (_asked: Asked, count: number): Answer => ({
    body: { access_token: `t${count}`, token_type: 'bearer', expires_in: seconds },
  })

/** The section `oauth2` as a module has it, for a server on this machine. */
export const sectionFor = (server: Pick<TestServer, 'host'>, options: Readonly<Record<string, unknown>> = {}) =>
  schema.parse({
    client_id: 'me',
    client_secret: 'hunter2!',
    token_url: `http://${server.host}/token`,
    ...options,
  })

/** What a probe hands to the functions of kit/net, with a clock to set and a signal to abort. */
export function context({ timeoutMs = 10_000, nowMs = Date.now() } = {}) {
  const controller = new AbortController()
  const lines: string[] = []
  const write = (message: string, fields: LogFields = {}) => {
    const shown = Object.entries(fields).map(
      ([name, value]) => `${name}=${typeof value === 'function' ? value() : value}`,
    )
    lines.push([message, ...shown].join(' '))
  }
  const clock = { nowMs }
  return {
    signal: AbortSignal.any([controller.signal, AbortSignal.timeout(timeoutMs)]),
    remainingMs: () => timeoutMs,
    now: () => clock.nowMs,
    policy: defaultPolicy,
    log: { debug: write, info: write, warn: write },
    abort: (reason: Error) => controller.abort(reason),
    lines,
    clock,
  }
}

/** A port of loopback where nothing listens. */
export async function deafHost(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { readonly port: number }
  await new Promise(resolve => server.close(resolve))
  return `127.0.0.1:${port}`
}

export const formOf = ({ body }: Asked) => Object.fromEntries(new URLSearchParams(body))

export const basicOf = ({ headers }: Asked) =>
  Buffer.from((headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString()
