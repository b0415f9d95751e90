import { afterAll, beforeEach, expect, test } from 'vitest'
import { startHttpProxy } from '../../support/proxies.ts'
import { serve } from '../../support/servers.ts'
import { probeHttp } from './support.ts'

const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap(name => [name, name.toLowerCase()])
const before = variables.map(name => [name, process.env[name]] as const)

beforeEach(() => {
  for (const name of variables) delete process.env[name]
})

afterAll(() => {
  for (const [name, value] of before) if (value !== undefined) process.env[name] = value
})

const ofResolving = ['probe_dns_lookup_time_seconds', 'probe_ip_protocol', 'probe_ip_addr_hash']

/** As in blackbox_exporter's TestSkipResolvePhase. */
test.each([
  ['no proxy', false, true],
  ['no proxy', true, true],
  ['proxy_url', false, true],
  ['proxy_url', true, false],
  ['the environment', false, true],
  ['the environment', true, false],
] as const)('%s, skip_resolve_phase_with_proxy: %s: the target is looked up: %s', async (way, skip, isLookedUp) => {
  await using server = await serve((_request, response) => response.end('fine'))
  await using proxy = await startHttpProxy()
  if (way === 'the environment') process.env.HTTP_PROXY = `http://${proxy.host}`
  const options = {
    'no proxy': {},
    proxy_url: { proxy_url: `http://${proxy.host}` },
    'the environment': { proxy_from_environment: true },
  }[way]
  // Nobody has this address; the proxy reaches all at this machine.
  const host = way === 'no proxy' ? '127.0.0.1' : '192.0.2.1'
  const answer = await probeHttp(`http://${host}:${server.port}/`, { ...options, skip_resolve_phase_with_proxy: skip })
  expect(answer.reason).toBeUndefined()
  expect(ofResolving.filter(name => answer.names.has(name))).toEqual(isLookedUp ? ofResolving : [])
  expect(answer.value('probe_http_duration_seconds', { phase: 'resolve' }) !== undefined).toBe(isLookedUp)
  expect(proxy.asked).toHaveLength(way === 'no proxy' ? 0 : 1)
})
