import { expect, test } from 'vitest'
import { pemFile } from '../../support/identities.ts'
import { probe } from '../../support/probe.ts'
import { a, answerTo, tc } from './build.ts'
import { reply, startDns } from './dns-server.ts'
import { startDot } from './encrypted-servers.ts'

/** Durations differ from run to run. */
const masked = (text: string) => text.replace(/^(\w*(?:duration|lookup_time)_seconds(?:\{.*\})?) \S+$/gm, '$1 …')

const run = (target: string, dns: object) => {
  const section = { query_name: 'www.example.org', query_type: 'A', preferred_ip_protocol: 'ip4', ...dns }
  return probe(JSON.stringify({ modules: { m: { prober: 'dns', timeout: '5s', dns: section } } }), {
    target,
    module: 'm',
  })
}

test('success, over TLS', async () => {
  // NSID, the scope of a client subnet, and an extended error.
  const opt = {
    owner: '.',
    type: 41,
    class: 1232,
    ttl: 0,
    rdata: '0003 0002 6e31 0008 0007 0001 18 14 c63364 000f 0002 0003',
  }
  await using server = await startDot(
    (query, socket) => reply(socket, answerTo(query, { flags: 0x0580, answer: [a('192.0.2.1')], additional: [opt] })),
    { ciphers: 'TLS_AES_128_GCM_SHA256', minVersion: 'TLSv1.3' },
  )
  const answer = await run(`localhost:${server.port}`, {
    transport: 'dot',
    tls_config: { ca_file: pemFile('ca.crt') },
    edns: { client_subnet: '198.51.100.0/24', cookie: true },
  })
  await expect(masked(answer.text)).toMatchFileSnapshot('success.prom')
})

test('failure: truncated over TCP, too', async () => {
  const truncated = (query: Buffer) => answerTo(query, { flags: tc, answer: [a('192.0.2.1')] })
  await using server = await startDns({
    udp: (query, send) => send(truncated(query)),
    tcp: (query, socket) => reply(socket, truncated(query)),
  })
  const answer = await run(server.target, {})
  await expect(masked(answer.text)).toMatchFileSnapshot('failure.prom')
})
