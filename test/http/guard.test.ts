import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { isAllowedHost } from '../../src/http/guard.ts'
import { parseRoutePrefix, parseTelemetryPath } from '../../src/http/web-options.ts'
import { echo, slow } from '../support/probers.ts'
import { startSonde } from '../support/sonde.ts'
import { ask } from '../support/web-client.ts'

const modules = 'modules: {http_2xx: {prober: echo}}'
const probers = [echo, slow]

describe('requests that a page elsewhere makes a browser send', () => {
  test.each([
    ['/probe?target=x', 'cross-site', 403],
    ['/', 'cross-site', 403],
    ['/config', 'cross-site', 403],
    ['/logs', 'cross-site', 403],
    ['/-/reload', 'cross-site', 403],
    ['/nope', 'cross-site', 403],
    ['/metrics', 'cross-site', 200],
    ['/metrics?x', 'cross-site', 200],
    ['/-/healthy', 'cross-site', 200],
    ['/-/ready', 'cross-site', 200],
    ['/probe?target=x', 'same-site', 200],
    ['/probe?target=x', 'same-origin', 200],
    ['/probe?target=x', 'none', 200],
  ])('%s with Sec-Fetch-Site: %s is %i', async (path, site, status) => {
    await using sonde = await startSonde(modules, { probers })
    const answer = await ask(sonde.url + path, { headers: { 'sec-fetch-site': site } })
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.text).toBe('refused: cross-site (open the address by hand)\n')
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe('--web.allowed-hosts', () => {
  test.each([
    ['sonde.test', true],
    ['Sonde.Test:9115', true],
    ['sonde.test.', true],
    ['sonde.test.:9115', true],
    ['a.wild.test', true],
    ['a.b.wild.test:1', true],
    ['wild.test', false],
    ['awild.test', false],
    ['evil.test', false],
    ['sonde.test.evil.test', false],
    ['evil.test:9115', false],
    ['sonde.test@evil.test', false],
    ['localhost', true],
    ['localhost:9115', true],
    ['127.0.0.1:9115', true],
    ['[::1]:9115', true],
    ['[fe80::1]', true],
    ['2130706433', false],
    ['127.0.0.1.evil.test', false],
    ['', false],
    [undefined, false],
  ])('%j: %s', (host, isAllowed) => {
    expect(isAllowedHost(host, ['sonde.test', '*.wild.test'])).toBe(isAllowed)
  })

  test.each([
    ['/probe?target=x', 403],
    ['/metrics', 403],
    ['/', 403],
    ['/-/healthy', 200],
    ['/-/ready?x', 200],
  ])('another name is refused on all but health: %s %i', async (path, status) => {
    await using sonde = await startSonde(modules, { probers, web: { allowedHosts: ['sonde.test'] } })
    expect((await ask(sonde.url + path, { headers: { host: 'evil.test' } })).status).toBe(status)
    expect((await ask(sonde.url + path, { headers: { host: 'sonde.test:1' } })).status).toBe(200)
    expect((await ask(sonde.url + path)).status).toBe(200)
  })
})

test('two Host headers are 400, whatever is asked for', async () => {
  await using sonde = await startSonde(modules, { probers })
  for (const path of ['/', '/-/healthy', '/probe?target=x']) {
    const socket = connect(Number(new URL(sonde.url).port), '127.0.0.1')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nhOST: a\r\nConnection: close\r\n\r\n`)
    const text = Buffer.concat(await socket.toArray()).toString()
    expect(text).toMatch(/^HTTP\/1.1 400 /)
    expect(text).toMatch(/\r\n\r\nHost is given twice\n$/)
  }
})

describe('--web.route-prefix', () => {
  test.each([
    ['/sonde/probe?target=x', 200, undefined],
    ['/sonde/-/healthy', 200, undefined],
    ['/sonde/metrics', 200, undefined],
    ['/sonde/', 200, undefined],
    ['/sonde/?module=x', 200, undefined],
    ['/', 302, '/sonde/'],
    ['/sonde', 301, '/sonde/'],
    ['/sonde?a=b', 301, '/sonde/?a=b'],
    ['/probe?target=x', 404, undefined],
    ['/-/healthy', 404, undefined],
    ['/sondex/metrics', 404, undefined],
    ['/sonde/sonde/metrics', 404, undefined],
    ['//sonde/metrics', 404, undefined],
  ])('%s is %i', async (path, status, location) => {
    await using sonde = await startSonde(modules, { probers, web: { routePrefix: '/sonde' } })
    const answer = await ask(sonde.url + path)
    expect([answer.status, answer.headers.location]).toEqual([status, location])
  })

  test('/ leads to the external URL where there is one; every link of the page is relative', async () => {
    const web = { routePrefix: '/x', externalUrl: 'https://example.org/sonde/' }
    await using sonde = await startSonde(modules, { probers, web })
    expect((await ask(sonde.url)).headers.location).toBe('https://example.org/sonde/')
    const { text } = await ask(`${sonde.url}/x/`)
    const links = [...text.matchAll(/(?:href|action|src)="([^"]*)"/g)].map(([, link = '']) => link)
    expect(links.length).toBeGreaterThan(4)
    expect(links.filter(link => /^(\/|[a-z]+:)/.test(link))).toEqual([])
  })

  test('other sites are kept out, and health is told, below it, too', async () => {
    await using sonde = await startSonde(modules, { probers, web: { routePrefix: '/x', telemetryPath: '/own' } })
    const headers = { 'sec-fetch-site': 'cross-site' }
    const statuses = ['/x/probe?target=x', '/x/own', '/x/-/ready'].map(async path => ask(sonde.url + path, { headers }))
    expect((await Promise.all(statuses)).map(({ status }) => status)).toEqual([403, 200, 200])
  })

  test.each([
    ['', ''],
    ['/', ''],
    ['sonde', '/sonde'],
    ['/a/b/', '/a/b'],
    ['a//b', undefined],
    ['/a b', undefined],
    ['/a?b', undefined],
    ['/a#b', undefined],
  ])('%j is %j', (text, prefix) => expect(parseRoutePrefix(text)).toBe(prefix))
})

describe('--web.telemetry-path', () => {
  test('moves the metrics, and the link to them', async () => {
    await using sonde = await startSonde(modules, { probers, web: { telemetryPath: '/own/metrics' } })
    expect((await ask(`${sonde.url}/own/metrics`)).text).toContain('sonde_build_info')
    expect((await ask(`${sonde.url}/metrics`)).status).toBe(404)
    expect((await ask(sonde.url)).text).toContain('href="own/metrics"')
  })

  test.each([
    ['/metrics', true],
    ['/a/b-c_d.e', true],
    ['metrics', false],
    ['/', false],
    ['/metrics/', false],
    ['/:a', false],
    ['/*', false],
    ['/probe', false],
    ['/-/x', false],
    ['/ui/x', false],
    ['/probes', true],
  ])('%s: %s', (text, isSound) => expect(parseTelemetryPath(text)).toBe(isSound ? text : undefined))
})

test('--web.max-requests bounds the requests for metrics that are being answered', async () => {
  await using sonde = await startSonde(modules, { probers, web: { maxRequests: 2 } })
  const socket = connect(Number(new URL(sonde.url).port), '127.0.0.1')
  const request = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'
  socket.write(`${request.repeat(3)}GET /probe?target=x HTTP/1.0\r\n\r\n`)
  const text = Buffer.concat(await socket.toArray()).toString()
  expect(text.match(/^HTTP\/1.1 \d+/gm)).toEqual(['200', '200', '503', '200'].map(status => `HTTP/1.1 ${status}`))
  expect(text).toMatch(/Retry-After: 1\r\n[\s\S]*\n2 requests for metrics are being answered\n/)
  expect((await ask(`${sonde.url}/metrics`)).status).toBe(200)
})

test('--web.enable-lifecycle=false: no reload over HTTP', async () => {
  await using sonde = await startSonde(modules, { probers, web: { hasLifecycle: false } })
  const answer = await ask(`${sonde.url}/-/reload`, { method: 'POST' })
  expect([answer.status, answer.text]).toEqual([403, 'refused: lifecycle (--web.enable-lifecycle is off)\n'])
})
