import { tlsConfig } from '../../../kit/net/tls/options.ts'
import { bool, text, z } from '../../../kit/options.ts'
import { emptyMeans } from '../question-options.ts'
import { isDoh, isEncrypted, type Transport, transports } from './server.ts'

const absentInNode: ReadonlyMap<unknown, string> = new Map([
  ['doq', 'DNS over QUIC is not possible: Node has no QUIC'],
  ['doh3', 'DNS over HTTP/3 is not possible: Node has no HTTP/3'],
])

export const transport = () =>
  z.enum(transports, {
    error: ({ input }) => absentInNode.get(input) ?? `expected one of ${transports.join(', ')}`,
  })

const path = () =>
  text().refine(value => /^\/[!-~]*$/.test(value) && !value.includes('#'), {
    error: 'expected a path such as /dns-query',
  })

const doh = z.strictObject({
  path: path().default('/dns-query').describe('Path to ask at; that of a target which is a URL wins.'),
  method: z.enum(['POST', 'GET']).default('POST').describe('Request method; answers to GET may come from a cache.'),
})

export const defaultDoh = doh.parse({})

/** How the server is reached; spread them into the section. */
export const transportOptions = {
  transport: transport()
    .optional()
    .describe(
      'How to ask: udp, tcp, dot (over TLS), doh (over HTTPS: HTTP/2, else HTTP/1.1) or doh_http1; udp when absent.',
    ),
  transport_protocol: emptyMeans(undefined, z.enum(['udp', 'tcp']).optional())
    .optional()
    .describe("blackbox_exporter's form of transport: udp or tcp."),
  dns_over_tls: bool()
    .default(false)
    .describe("blackbox_exporter's form of `transport: dot`; needs transport_protocol tcp."),
  tls_config: tlsConfig().optional().describe('TLS of the transports dot, doh and doh_http1.'),
  doh: doh.optional().describe('The request of the transports doh and doh_http1.'),
  tcp_fallback: bool()
    .default(true)
    .describe('Ask again over TCP when the answer over UDP is truncated; with false that fails the probe.'),
}

type TransportOptions = z.output<z.ZodObject<typeof transportOptions>>

/** The transport that the options ask for, in either form. */
export const transportOf = (config: Pick<TransportOptions, 'transport' | 'transport_protocol' | 'dns_over_tls'>) =>
  config.transport ?? (config.dns_over_tls ? 'dot' : (config.transport_protocol ?? 'udp'))

const protocols: Readonly<Partial<Record<Transport, 'udp' | 'tcp'>>> = { udp: 'udp', tcp: 'tcp', dot: 'tcp' }

/** Both forms may stand in one module as long as they mean the same. */
export function checkTransport(config: TransportOptions, issues: z.RefinementCtx): void {
  const { transport, transport_protocol: protocol, dns_over_tls } = config
  const refuse = (path: string, message: string) => issues.addIssue({ code: 'custom', path: [path], message })
  if (transport === undefined) {
    if (dns_over_tls && protocol !== 'tcp') refuse('dns_over_tls', 'dns_over_tls needs transport_protocol: tcp')
    return
  }
  if (protocol !== undefined && protocol !== protocols[transport]) {
    refuse('transport_protocol', `contradicts transport: ${transport}`)
  }
  if (dns_over_tls && transport !== 'dot') refuse('dns_over_tls', `contradicts transport: ${transport}`)
}

/** What has no effect with any of the transports that the module can use. */
export function transportWarnings(config: TransportOptions, usable: readonly Transport[]): readonly string[] {
  return [
    ...(config.tls_config !== undefined && !usable.some(isEncrypted)
      ? ['tls_config has no effect without the transport dot, doh or doh_http1']
      : []),
    ...(config.doh !== undefined && !usable.some(isDoh)
      ? ['doh has no effect without the transport doh or doh_http1']
      : []),
  ]
}
