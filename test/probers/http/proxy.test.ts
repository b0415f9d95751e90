import { describe, expect, test } from 'vitest'
import { identity, pemFile } from '../../support/identities.ts'
import { until } from '../../support/programs.ts'
import { startHttpProxy, startSocksProxy } from '../../support/proxies.ts'
import { serve } from '../../support/servers.ts'
import { probeHttp, redirecting } from './support.ts'

const fine = 'the origin itself'
const ip4 = { preferred_ip_protocol: 'ip4' }
const trusting = { ...ip4, tls_config: { ca_file: pemFile('ca.crt') } }
const isFine = { fail_if_body_not_matches_regexp: [fine] }
const ofResolving = ['probe_dns_lookup_time_seconds', 'probe_ip_protocol', 'probe_ip_addr_hash']

const origin = () => serve((_request, response) => response.end(fine))
const secureOrigin = () => serve((_request, response) => response.end(fine), identity('server', 'intermediate.crt'))

describe('an HTTP proxy', () => {
  test('gets the whole URL, with the name', async () => {
    await using server = await origin()
    await using proxy = await startHttpProxy()
    const target = `http://localhost:${server.port}/a?b=c`
    const answer = await probeHttp(target, { ...ip4, ...isFine, proxy_url: `http://${proxy.host}` })
    expect(answer.value('probe_success')).toBe(1)
    expect(proxy.asked).toMatchObject([{ method: 'GET', url: target, headers: { host: `localhost:${server.port}` } }])
    expect(answer.value('probe_ip_protocol')).toBe(4)
    await until(() => proxy.connections.size === 0, 2000)
  })

  test('is not led elsewhere by a Host', async () => {
    await using server = await origin()
    await using proxy = await startHttpProxy()
    const options = { ...ip4, proxy_url: `http://${proxy.host}` }
    await probeHttp(server.host, options, { query: { hostname: '192.0.2.254' } })
    expect(proxy.asked[0]?.url).toBe(`http://${server.host}/`)
  })

  test('connects through for https; the handshake is with the target', async () => {
    await using server = await secureOrigin()
    await using proxy = await startHttpProxy()
    const target = `https://localhost:${server.port}/`
    const answer = await probeHttp(target, { ...trusting, ...isFine, proxy_url: `http://${proxy.host}` })
    expect(answer.value('probe_success')).toBe(1)
    expect(proxy.asked).toMatchObject([{ method: 'CONNECT', url: `127.0.0.1:${server.port}` }])
    expect(server.serverNames).toEqual(['localhost'])
    await until(() => proxy.connections.size === 0, 2000)
  })

  test('that is talked to over TLS tunnels TLS', async () => {
    await using server = await secureOrigin()
    await using proxy = await startHttpProxy({ tls: identity('server', 'intermediate.crt') })
    const target = `https://localhost:${server.port}/`
    const answer = await probeHttp(target, { ...trusting, ...isFine, proxy_url: `https://localhost:${proxy.port}` })
    expect([answer.reason, answer.value('probe_success')]).toEqual([undefined, 1])
    await until(() => proxy.connections.size + server.connections.size === 0, 2000)
  })

  test('gets its credentials, which the target does not see', async () => {
    await using server = await origin()
    await using proxy = await startHttpProxy({ login: 'u:p' })
    const welcome = await probeHttp(server.host, { ...ip4, proxy_url: `http://u:p@${proxy.host}` })
    const refused = await probeHttp(server.host, { ...ip4, proxy_url: `http://u:wrong@${proxy.host}` })
    expect([welcome.reason, refused.reason]).toEqual([undefined, 'auth'])
    expect(refused.value('probe_http_status_code')).toBe(407)
    expect(`${welcome.log}${refused.log}`).not.toContain('dTpw')
    expect(server.asked).toHaveLength(1)
  })

  test('that refuses a tunnel for want of credentials', async () => {
    await using server = await secureOrigin()
    await using proxy = await startHttpProxy({ login: 'u:p' })
    const answer = await probeHttp(`https://${server.host}`, { ...trusting, proxy_url: `http://${proxy.host}` })
    expect([answer.reason, answer.value('probe_http_status_code')]).toEqual(['auth', 0])
    expect(answer.value('probe_failure_phase_info', { phase: 'connect' })).toBe(1)
  })

  test('that is not there', async () => {
    await using server = await origin()
    const answer = await probeHttp(server.host, { ...ip4, proxy_url: 'http://127.0.0.1:1' })
    expect(answer.reason).toBe('connect')
    expect(server.asked).toEqual([])
  })

  test('whose name does not exist', async () => {
    expect((await probeHttp('127.0.0.1', { proxy_url: 'http://proxy.invalid:3128' })).reason).toBe('resolve')
  })

  test('is chosen for each hop', async () => {
    await using server = await serve(redirecting)
    await using proxy = await startHttpProxy()
    const elsewhere = encodeURIComponent(`http://localhost:${server.port}/`)
    const options = { ...ip4, proxy_url: `http://${proxy.host}`, no_proxy: 'localhost' }
    // Loopback literals are never proxied with no_proxy, so the first hop needs a name that is none.
    const answer = await probeHttp(`http://127.0.0.1:${server.port}/to/302/${elsewhere}`, {
      ...options,
      no_proxy: undefined,
    })
    expect([answer.value('probe_http_redirects'), proxy.asked.length]).toEqual([1, 2])
    expect((await probeHttp(`http://localhost:${server.port}/`, options)).value('probe_success')).toBe(1)
    expect(proxy.asked).toHaveLength(2)
  })
})

describe('skip_resolve_phase_with_proxy', () => {
  const skip = { skip_resolve_phase_with_proxy: true }

  test('leaves the name to the proxy', async () => {
    await using server = await origin()
    await using proxy = await startHttpProxy()
    const target = `http://nowhere.invalid:${server.port}/`
    const answer = await probeHttp(target, { ...skip, ...isFine, proxy_url: `http://${proxy.host}` })
    expect(answer.value('probe_success')).toBe(1)
    expect(proxy.asked[0]?.url).toBe(target)
    expect(ofResolving.filter(name => answer.names.has(name))).toEqual([])
    expect(answer.value('probe_http_duration_seconds', { phase: 'resolve' })).toBeUndefined()
    expect(answer.value('probe_http_duration_seconds', { phase: 'connect' })).toBeGreaterThan(0)
  })

  test('leaves it to a SOCKS proxy', async () => {
    await using server = await origin()
    await using proxy = await startSocksProxy()
    const target = `http://nowhere.invalid:${server.port}/`
    const answer = await probeHttp(target, { ...skip, ...isFine, proxy_url: `socks5h://${proxy.host}` })
    expect(answer.value('probe_success')).toBe(1)
    expect(proxy.asked).toMatchObject([{ type: 'name', host: 'nowhere.invalid', port: server.port }])
  })

  test('does nothing without a proxy, or where no_proxy leads past it', async () => {
    await using server = await origin()
    for (const proxy of [{}, { proxy_url: 'http://127.0.0.1:1', no_proxy: 'localhost' }]) {
      const answer = await probeHttp(`http://localhost:${server.port}/`, { ...ip4, ...skip, ...proxy })
      expect(answer.value('probe_success')).toBe(1)
      expect(ofResolving.filter(name => answer.names.has(name))).toEqual(ofResolving)
    }
  })

  test('does not lead past the target policy', async () => {
    await using proxy = await startHttpProxy()
    const answer = await probeHttp('http://169.254.169.254/', { ...skip, proxy_url: `http://${proxy.host}` })
    expect(answer.status).toBe(403)
    expect(proxy.asked).toEqual([])
  })

  test('nor does a redirect', async () => {
    await using server = await serve(redirecting)
    await using proxy = await startHttpProxy()
    const away = encodeURIComponent('http://[::ffff:169.254.169.254]/')
    const target = `http://${server.host}/to/302/${away}`
    const answer = await probeHttp(target, { ...skip, proxy_url: `http://${proxy.host}` })
    expect(answer.reason).toBe('denied')
    expect(proxy.asked).toHaveLength(1)
  })
})

test('a SOCKS proxy gets the address that was looked up', async () => {
  await using server = await secureOrigin()
  await using proxy = await startSocksProxy({ login: 'u:p' })
  const target = `https://localhost:${server.port}/`
  const answer = await probeHttp(target, { ...trusting, ...isFine, proxy_url: `socks5://u:p@${proxy.host}` })
  expect([answer.reason, answer.value('probe_success')]).toEqual([undefined, 1])
  expect(proxy.asked).toMatchObject([{ login: 'u:p', type: 'ip4', host: '127.0.0.1', port: server.port }])
})
