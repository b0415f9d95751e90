import { describe, expect, test } from 'vitest'
import { serve, type TestServer } from '../../support/servers.ts'
import { startSonde } from '../../support/sonde.ts'
import { probeHttp, redirecting } from './support.ts'

/** A token server that gives out `token-1`, `token-2` and so on. */
async function serveTokens(answer?: (count: number) => { status?: number; body: unknown }) {
  let count = 0
  const server = await serve((_request, response) => {
    const { status = 200, body } = answer?.(++count) ?? {
      body: { access_token: `token-${answer === undefined ? ++count : count}`, token_type: 'Bearer', expires_in: 3600 },
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  return server
}

const section = (port: number) => ({
  preferred_ip_protocol: 'ip4',
  oauth2: { client_id: 'me', client_secret: 's3cr3t', token_url: `http://127.0.0.1:${port}/token`, scopes: ['read'] },
})

const authorizations = ({ asked }: TestServer) => asked.map(({ headers }) => headers.authorization)

describe('oauth2', () => {
  test('gets a token and sends it; neither it nor the secret is shown', async () => {
    await using tokens = await serveTokens()
    await using server = await serve((request, response) => response.end(request.headers.authorization))
    const answer = await probeHttp(server.host, section(tokens.port), { query: { debug: 'true' } })
    expect(answer.text).toContain('probe_success 1')
    expect(authorizations(server)).toEqual(['Bearer token-1'])
    expect(tokens.asked).toMatchObject([{ method: 'POST', url: '/token' }])
    expect(tokens.asked[0]?.body).toContain('grant_type=client_credentials')
    for (const shown of [answer.text, answer.log]) {
      expect(shown).not.toContain('token-1')
      expect(shown).not.toContain('s3cr3t')
    }
  })

  test('keeps the token for the next probe, and for other modules not', async () => {
    await using tokens = await serveTokens()
    await using server = await serve((_request, response) => response.end('fine'))
    const module = { prober: 'http', http: section(tokens.port) }
    await using sonde = await startSonde(JSON.stringify({ modules: { a: module, b: module } }))
    for (const name of ['a', 'a', 'b']) await (await sonde.get(`/probe?module=${name}&target=${server.host}`)).text()
    expect(authorizations(server)).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2'])
  })

  test('asks for another one, once, when the target refuses it', async () => {
    await using tokens = await serveTokens()
    await using server = await serve((request, response) => {
      response.writeHead(request.headers.authorization === 'Bearer token-2' ? 200 : 401).end()
    })
    const answer = await probeHttp(server.host, section(tokens.port))
    expect([answer.reason, answer.value('probe_http_redirects')]).toEqual([undefined, 0])
    expect(authorizations(server)).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  test('gives up when the target refuses that, too', async () => {
    await using tokens = await serveTokens()
    await using server = await serve((_request, response) => response.writeHead(401).end())
    const answer = await probeHttp(server.host, section(tokens.port))
    expect([answer.reason, answer.value('probe_http_status_code')]).toEqual(['auth', 401])
    expect(authorizations(server)).toHaveLength(2)
  })

  test('does not go to another host', async () => {
    await using tokens = await serveTokens()
    await using server = await serve(redirecting)
    const away = encodeURIComponent(`http://localhost:${server.port}/`)
    await probeHttp(`${server.host}/to/302/${away}`, section(tokens.port))
    expect(authorizations(server)).toEqual(['Bearer token-1', undefined])
  })

  test.each([
    ['refuses', () => ({ status: 401, body: { error: 'invalid_client' } }), 'auth'],
    ['answers without a token', () => ({ body: {} }), 'auth'],
  ])('a token server that %s', async (_name, answer, reason) => {
    await using tokens = await serveTokens(answer)
    await using server = await serve((_request, response) => response.end('fine'))
    expect((await probeHttp(server.host, section(tokens.port))).reason).toBe(reason)
    expect(server.asked).toEqual([])
  })

  test('a token server that does not answer: the deadline, in its phase', async () => {
    await using tokens = await serve(() => {})
    const answer = await probeHttp('127.0.0.1:1', section(tokens.port), { timeout: '300ms' })
    expect(answer.reason).toBe('timeout')
    expect(answer.value('probe_failure_phase_info', { phase: 'preparation' })).toBe(1)
  })

  test('a token server that is not there', async () => {
    expect((await probeHttp('127.0.0.1:1', section(1))).reason).toBe('connect')
  })
})
