import { tlsConfig } from '../../kit/net/tls/options.ts'
import { addressOptions, bool, text, z } from '../../kit/options.ts'
import { definePlanned } from '../../kit/prober.ts'

const options = z.strictObject({
  ...addressOptions,
  service: text().default('').describe('Service whose health to ask for; empty means the whole server.'),
  tls: bool().default(false).describe('Speak TLS.'),
  tls_config: tlsConfig().optional().describe('TLS towards the target.'),
  metadata: z.record(text(), z.array(text())).optional().describe('Metadata to send with the call.'),
})

export const grpc = definePlanned({ name: 'grpc', options, planned: 'sonde does not have the grpc prober yet' })
