import { expect, test } from 'vitest'
import { identity, pemFile } from '../../support/identities.ts'
import { serve } from '../../support/servers.ts'
import { probeHttp } from './support.ts'

/** Durations differ from run to run. */
const masked = (text: string) => text.replace(/^(\w*(?:duration|lookup_time)_seconds(?:\{.*\})?) \S+$/gm, '$1 …')

test('success, over TLS', async () => {
  await using server = await serve(
    (_request, response) => response.writeHead(200, { 'Last-Modified': 'Sun, 06 Nov 1994 08:49:37 GMT' }).end('fine'),
    { ...identity('server', 'intermediate.crt'), ciphers: 'TLS_AES_128_GCM_SHA256', minVersion: 'TLSv1.3' },
  )
  const options = { preferred_ip_protocol: 'ip4', tls_config: { ca_file: pemFile('ca.crt') } }
  const answer = await probeHttp(`https://localhost:${server.port}/`, options)
  await expect(masked(answer.text)).toMatchFileSnapshot('success.prom')
})

test('failure: an expired certificate', async () => {
  await using server = await serve((_request, response) => response.end('fine'), {
    ...identity('expired'),
    ciphers: 'TLS_AES_128_GCM_SHA256',
    minVersion: 'TLSv1.3',
  })
  const options = { preferred_ip_protocol: 'ip4', tls_config: { ca_file: pemFile('ca.crt') } }
  const answer = await probeHttp(`https://localhost:${server.port}/`, options)
  await expect(masked(answer.text)).toMatchFileSnapshot('failure.prom')
})
