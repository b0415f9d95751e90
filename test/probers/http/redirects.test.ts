import { describe, expect, test } from 'vitest'
import { identity, pemFile } from '../../support/identities.ts'
import { until } from '../../support/programs.ts'
import { serve } from '../../support/servers.ts'
import { probeHttp, redirecting } from './support.ts'

const to = (location: string, status = 302) => `/to/${status}/${encodeURIComponent(location)}`

const ip4 = { preferred_ip_protocol: 'ip4' }

describe('following', () => {
  test.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [302, 'HEAD', 'HEAD', ''],
    [307, 'POST', 'POST', 'text'],
    [308, 'PUT', 'PUT', 'text'],
  ])('%i makes %s a %s', async (status, method, expected, body) => {
    await using server = await serve(redirecting)
    const headers = { 'Content-Type': 'text/plain', 'X-Other': 'kept' }
    const options = { method, headers, ...(method === 'HEAD' ? {} : { body: 'text' }) }
    const answer = await probeHttp(server.host + to('/end?a=1', status), options)
    expect(answer.reason).toBeUndefined()
    expect(answer.value('probe_http_redirects')).toBe(1)
    expect(server.asked.map(({ method, url, body }) => [method, url, body])).toEqual([
      [method, to('/end?a=1', status), method === 'HEAD' ? '' : 'text'],
      [expected, '/end?a=1', body],
    ])
    expect(server.asked[1]?.headers['content-type']).toBe(body !== '' ? 'text/plain' : undefined)
    expect(server.asked[1]?.headers['x-other']).toBe('kept')
  })

  test('a body from a file is sent again as well', async () => {
    await using server = await serve(redirecting)
    const options = { method: 'POST', body_file: new URL('./support.ts', import.meta.url).pathname }
    expect((await probeHttp(server.host + to('/end', 307), options)).reason).toBeUndefined()
    expect(server.asked[1]?.body).toContain('probeHttp')
    expect(server.asked[1]?.body).toBe(server.asked[0]?.body)
  })

  test('ten are followed, the eleventh is the answer', async () => {
    await using server = await serve((_request, response) => response.writeHead(302, { location: '/again' }).end('x'))
    const answer = await probeHttp(server.host)
    expect(server.asked).toHaveLength(11)
    expect(answer.reason).toBe('protocol')
    expect(answer.value('probe_http_redirects')).toBe(11)
    expect(answer.value('probe_http_status_code')).toBe(302)
  })

  test('the eleventh is fine when its status is', async () => {
    await using server = await serve((_request, response) => response.writeHead(302, { location: '/again' }).end('x'))
    expect((await probeHttp(server.host, { valid_status_codes: [302] })).reason).toBeUndefined()
  })

  test.each([
    ['follow_redirects: false', { follow_redirects: false }],
    ['no_follow_redirects: true', { no_follow_redirects: true, follow_redirects: true }],
  ])('%s: the redirect is the answer, counted, and its body is read', async (_name, options) => {
    await using server = await serve(redirecting)
    const rules = { ...options, valid_status_codes: [302], fail_if_body_not_matches_regexp: ['^moved$'] }
    const answer = await probeHttp(server.host + to('/end'), rules)
    expect(server.asked).toHaveLength(1)
    expect(answer.reason).toBeUndefined()
    expect(answer.value('probe_http_redirects')).toBe(1)
    expect(answer.value('probe_http_uncompressed_body_length')).toBe(5)
  })

  test('no_follow_redirects: false follows', async () => {
    await using server = await serve(redirecting)
    await probeHttp(server.host + to('/end'), { no_follow_redirects: false, follow_redirects: false })
    expect(server.asked).toHaveLength(2)
  })

  test.each([
    ['without a Location', 302, {}],
    ['that is none, 304', 304, { location: '/end' }],
    ['that is none, 300', 300, { location: '/end' }],
  ])('a redirect %s is an answer', async (_name, status, headers) => {
    await using server = await serve((_request, response) => response.writeHead(status, headers).end())
    const answer = await probeHttp(server.host)
    expect([answer.reason, answer.value('probe_http_redirects')]).toEqual(['status', 0])
  })

  test.each([
    ['ftp://example.org/', 1],
    ['javascript:alert(1)', 1],
    ['http://[::1', 0],
    ['http://', 0],
  ])('to %s: malformed', async (location, redirects) => {
    await using server = await serve(redirecting)
    const answer = await probeHttp(server.host + to(location))
    expect(answer.reason).toBe('protocol')
    expect(answer.value('probe_http_status_code')).toBe(0)
    expect(answer.value('probe_http_redirects')).toBe(redirects)
  })

  test('to a name that no resolver takes', async () => {
    await using server = await serve(redirecting)
    expect((await probeHttp(server.host + to(`http://${'a'.repeat(300)}/`))).reason).toBe('resolve')
  })

  test('to a server that is not there: all phases, status 0', async () => {
    await using server = await serve(redirecting)
    const answer = await probeHttp(server.host + to('http://127.0.0.1:1/'))
    expect(answer.reason).toBe('connect')
    expect(answer.value('probe_http_status_code')).toBe(0)
    expect(answer.value('probe_http_duration_seconds', { phase: 'processing' })).toBeGreaterThan(0)
    expect(answer.value('probe_http_duration_seconds', { phase: 'transfer' })).toBe(0)
  })

  test('the connection of a redirect is closed before the next one', async () => {
    const open: number[] = []
    await using server = await serve(async (request, response) => {
      if (request.url === '/start') response.writeHead(302, { location: '/end' }).write('a body without an end')
      else {
        await until(() => server.connections.size === 1, 1000).catch(() => undefined)
        open.push(server.connections.size)
        response.end('fine')
      }
    })
    expect((await probeHttp(`${server.host}/start`)).reason).toBeUndefined()
    expect(open).toEqual([1])
  })

  test('to an address that the policy refuses: denied, and counted as such', async () => {
    await using server = await serve(redirecting)
    const answer = await probeHttp(server.host + to('http://169.254.169.254/latest/meta-data?token=x'))
    expect([answer.status, answer.reason]).toEqual([200, 'denied'])
    expect(answer.log).not.toContain('token=x"')
  })
})

describe('to another host name', () => {
  /** The two names of loopback stand for two hosts. */
  const hop = async (
    options: Record<string, unknown>,
    route: (ports: { port: number }) => { target: string; location: string },
  ) => {
    await using server = await serve((request, response, body) => {
      if (request.url === '/start') response.writeHead(302, { location: route(server).location }).end()
      else redirecting(request, response, body)
    })
    const answer = await probeHttp(`${route(server).target}/start`, { ...ip4, ...options })
    expect(answer.reason).toBeUndefined()
    return server.asked
  }
  const away = ({ port }: { port: number }) => ({
    target: `http://localhost:${port}`,
    location: `http://127.0.0.1:${port}/end`,
  })
  const home = ({ port }: { port: number }) => ({
    target: `http://localhost:${port}`,
    location: `http://LOCALHOST:${port}/end`,
  })
  const secrets = {
    basic_auth: { username: 'me', password: 'x' },
    headers: { Cookie: 'mine=1', 'Proxy-Authorization': 'p', 'X-Open': 'o' },
    http_headers: { 'X-Key': { secrets: ['s'] }, 'X-Plain': { values: ['v'] } },
  }
  const named = ({ headers }: { headers: Record<string, unknown> } = { headers: {} }) =>
    ['authorization', 'cookie', 'proxy-authorization', 'x-key', 'x-open', 'x-plain'].filter(name => name in headers)

  test('credentials and secrets stay at home', async () => {
    const asked = await hop(secrets, away)
    expect(named(asked[0])).toHaveLength(6)
    expect(named(asked[1])).toEqual(['x-open', 'x-plain'])
  })

  test('the same name in other letters is home', async () => {
    const asked = await hop(secrets, home)
    expect(named(asked[1])).toHaveLength(6)
  })

  test('who has left does not get them back', async () => {
    const asked = await hop(secrets, ({ port }) => ({
      target: `http://localhost:${port}`,
      location: `http://127.0.0.1:${port}${to(`http://localhost:${port}/end`)}`,
    }))
    expect(asked).toHaveLength(3)
    expect(named(asked[2])).toEqual(['x-open', 'x-plain'])
  })

  test.each([
    ['relative', '/end', 'www.example.org'],
    ['relative, with the same host', undefined, 'www.example.org'],
    ['absolute', 'http://127.0.0.1', undefined],
  ] as const)('a Host set by hand, on a redirect that is %s', async (_name, location, expected) => {
    await using server = await serve((request, response) => {
      if (request.url !== '/start') response.end('fine')
      else {
        const there = location === undefined ? `//${server.host}/end` : location.replace('127.0.0.1', server.host)
        response.writeHead(302, { location: there }).end()
      }
    })
    await probeHttp(`${server.host}/start`, {}, { query: { hostname: 'www.example.org' } })
    expect(server.asked[0]?.headers.host).toBe('www.example.org')
    expect(server.asked[1]?.headers.host).toBe(expected ?? server.host)
  })
})

describe('between http and https', () => {
  const tls = { tls_config: { ca_file: pemFile('ca.crt') } }
  const auth = { bearer_token: 'x' }

  test('up: credentials go along, the final answer is what ssl and certificate metrics tell of', async () => {
    await using secure = await serve(redirecting, identity('server', 'intermediate.crt'))
    await using plain = await serve(redirecting)
    const target = `http://localhost:${plain.port}${to(`https://localhost:${secure.port}/`)}`
    const answer = await probeHttp(target, { ...ip4, ...tls, ...auth })
    expect(answer.reason).toBeUndefined()
    expect(secure.asked[0]?.headers.authorization).toBe('Bearer x')
    expect(answer.value('probe_http_ssl')).toBe(1)
    expect(answer.names).toContain('probe_ssl_earliest_cert_expiry')
    expect(answer.value('probe_http_duration_seconds', { phase: 'tls' })).toBeGreaterThan(0)
  })

  test('down: they do not, and nothing is told of the certificate on the way', async () => {
    await using secure = await serve(redirecting, identity('server', 'intermediate.crt'))
    await using plain = await serve(redirecting)
    const target = `https://localhost:${secure.port}${to(`http://localhost:${plain.port}/`)}`
    const answer = await probeHttp(target, { ...ip4, ...tls, ...auth })
    expect(answer.reason).toBeUndefined()
    expect(secure.asked[0]?.headers.authorization).toBe('Bearer x')
    expect(plain.asked[0]?.headers).not.toHaveProperty('authorization')
    expect(answer.value('probe_http_ssl')).toBe(0)
    expect(answer.names).not.toContain('probe_ssl_earliest_cert_expiry')
  })

  test.each([
    ['hostname', {}, { hostname: 'a.sonde.test' }],
    ['server_name', { server_name: 'a.sonde.test' }, {}],
  ])('another host is not asked for by the name from %s', async (_name, names, query) => {
    await using secure = await serve(redirecting, identity('server', 'intermediate.crt'))
    const target = `https://localhost:${secure.port}${to(`https://${secure.host}/`)}`
    const tls_config = { ...tls.tls_config, ...names }
    const answer = await probeHttp(target, { ...ip4, tls_config }, { query: { ...query } })
    expect(answer.reason).toBeUndefined()
    expect(secure.serverNames).toEqual(['a.sonde.test', false])
  })

  test('fail_if_ssl looks at the final answer', async () => {
    await using secure = await serve(redirecting, identity('server', 'intermediate.crt'))
    await using plain = await serve(redirecting)
    const down = `https://localhost:${secure.port}${to(`http://localhost:${plain.port}/`)}`
    const up = `http://localhost:${plain.port}${to(`https://localhost:${secure.port}/`)}`
    expect((await probeHttp(down, { ...ip4, ...tls, fail_if_ssl: true })).reason).toBeUndefined()
    expect((await probeHttp(up, { ...ip4, ...tls, fail_if_ssl: true })).reason).toBe('tls')
    expect((await probeHttp(up, { ...ip4, ...tls, fail_if_not_ssl: true })).reason).toBeUndefined()
  })
})

describe('cookies', () => {
  const cookieAfter = async (setCookie: string[], options: Record<string, unknown> = {}, location = '/end') => {
    await using server = await serve((request, response) => {
      if (request.url !== '/start') response.end('fine')
      else
        response.writeHead(302, { 'set-cookie': setCookie, location: location.replace('PORT', `${server.port}`) }).end()
    })
    const answer = await probeHttp(`http://localhost:${server.port}/start`, { ...ip4, ...options })
    expect(answer.reason).toBeUndefined()
    return server.asked[1]?.headers.cookie
  }

  test.each([
    ['kept', ['a=1; Path=/', 'b=2; HttpOnly'], {}, '/end', 'a=1; b=2'],
    ['kept under the name', ['a=1'], {}, 'http://localhost:PORT/end', 'a=1'],
    ['not sent to another name', ['a=1'], {}, 'http://127.0.0.1:PORT/end', undefined],
    ['with those of the module', ['a=1'], { headers: { Cookie: 'm=9; a=0' } }, '/end', 'm=9; a=1'],
    ['with those of http_headers', ['a=1'], { http_headers: { Cookie: { values: ['m=9; a=0'] } } }, '/end', 'm=9; a=1'],
    [
      'those of http_headers stay at home',
      [],
      { http_headers: { Cookie: { values: ['m=9'], secrets: ['s=1'] } } },
      'http://127.0.0.1:PORT/end',
      undefined,
    ],
    ['secure ones not over http', ['a=1; Secure'], {}, '/end', undefined],
    ['of another path', ['a=1; Path=/other'], {}, '/end', undefined],
    ['deleted', ['a=1', 'a=; Max-Age=0'], {}, '/end', undefined],
    ['of another domain', ['a=1; Domain=example.org'], {}, '/end', undefined],
  ])('%s', async (_name, setCookie, options, location, expected) => {
    expect(await cookieAfter(setCookie, options, location)).toBe(expected)
  })
})
