import { type HostPort, parseHostPort } from '../../../kit/net/target.ts'
import { bool, dumps, integer, text, z } from '../../../kit/options.ts'
import { typeOf } from '../wire/iana.ts'

/** One server of the list: as it was written, for labels and logs, and where it is. */
export interface ListedServer {
  readonly text: string
  readonly host: string
  /** Undefined: that of the transport. */
  readonly port: number | undefined
}

const maxServers = 32
const noPort = 0

function readServer(value: string): ListedServer {
  const { host, port }: HostPort = parseHostPort(value, noPort)
  return { text: value, host, port: port === noPort ? undefined : port }
}

const server = () =>
  text()
    .transform((value, issues) => {
      try {
        return readServer(value)
      } catch {
        issues.addIssue({ code: 'custom', message: 'expected a server such as ns1.example.org or 192.0.2.1:53' })
        return z.NEVER
      }
    })
    .register(dumps, { dump: ({ text }: ListedServer) => text })

function checkTwice(servers: readonly ListedServer[], issues: z.RefinementCtx): void {
  const places = servers.map(({ host, port }) => `${host.toLowerCase()} ${port}`)
  for (const [at, place] of places.entries()) {
    if (places.indexOf(place) < at)
      issues.addIssue({ code: 'custom', path: [at], message: 'the server is listed twice' })
  }
}

const soaMap = z
  .strictObject({
    servers: z
      .array(server())
      .min(1)
      .max(maxServers)
      .superRefine(checkTwice)
      .optional()
      .describe('Servers of the zone besides the target, by name or address, with or without a port.'),
    from_ns: bool()
      .default(false)
      .describe("Ask the servers that the zone's NS records name, at the target's port, in place of a list."),
    max_serial_lag: integer(0, 2 ** 31 - 1)
      .default(0)
      .describe('How far the serial numbers of two servers may be apart (RFC 1982).'),
    require_aa: bool().default(true).describe('Fail when an answer is not authoritative.'),
  })
  .superRefine(({ servers, from_ns }, issues) => {
    if ((servers !== undefined) !== from_ns) return
    issues.addIssue({ code: 'custom', message: 'needs either servers or `from_ns: true`' })
  })

export type SoaConfig = z.output<typeof soaMap>

/** The option `soa` of the section. */
export const soaOption = () =>
  soaMap
    .optional()
    .describe("Compare the SOA records of the zone's servers: they must all answer, with the same serial number.")

interface Asking {
  readonly soa?: SoaConfig | undefined
  readonly query_type?: number | undefined
  readonly allow_params: readonly string[]
}

/** The servers are compared by their SOA record of the `query_name`, so that is what the query must be for. */
export function checkSoa({ soa, query_type, allow_params }: Asking, issues: z.RefinementCtx): void {
  if (soa === undefined) return
  const refuse = (message: string) => issues.addIssue({ code: 'custom', path: ['soa'], message })
  if (allow_params.includes('query_type')) refuse('soa needs query_type: SOA, which allow_params must not open')
  else if (query_type !== typeOf('SOA')) refuse('soa needs query_type: SOA')
}
