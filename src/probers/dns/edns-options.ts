import { isIP } from 'node:net'
import { octetsOf } from '../../kit/net/address.ts'
import { bool, integer, text, z } from '../../kit/options.ts'
import type { ClientSubnet } from './wire/edns-options.ts'

const expected = 'expected a network such as 192.0.2.0/24 or 2001:db8::/56'

function parseSubnet(value: string): ClientSubnet | undefined {
  const [, address = '', prefix = ''] = /^([^/%]+)\/(\d{1,3})$/.exec(value) ?? []
  const family = isIP(address)
  if ((family !== 4 && family !== 6) || Number(prefix) > (family === 4 ? 32 : 128)) return undefined
  return { family, sourcePrefix: Number(prefix), scopePrefix: 0, address: Buffer.from(octetsOf(address, family)) }
}

const clientSubnet = () =>
  text().transform((value, issues) => {
    const subnet = parseSubnet(value)
    // Inside of a union, only this tells how the value is written back.
    if (subnet !== undefined) return { subnet, toJSON: () => value }
    issues.addIssue({ code: 'custom', message: expected })
    return z.NEVER
  })

const ednsMap = z.strictObject({
  udp_size: integer(512, 65_535).default(1232).describe('Largest answer over UDP to ask for, in octets.'),
  do: bool().default(false).describe('Set the DO bit: ask for signatures.'),
  nsid: bool().default(true).describe('Ask which of its instances the server is (RFC 5001).'),
  cookie: bool()
    .default(false)
    .describe('Send a random cookie (RFC 7873); a server that wants to see its own first gets it.'),
  client_subnet: clientSubnet()
    .optional()
    .describe('Network to ask in the name of (RFC 7871), such as 192.0.2.0/24; 0.0.0.0/0 asks in the name of nobody.'),
  padding: integer(0, 4096)
    .default(0)
    .describe('Pad the query to a multiple of so many octets (RFC 8467 advises 128), for encrypted transports; 0: no.'),
})

export type EdnsConfig = z.output<typeof ednsMap>

export const edns = () =>
  z
    .preprocess(
      value => {
        const word = bool().safeParse(value)
        return word.success && word.data ? {} : (word.data ?? value)
      },
      z.union([z.literal(false), ednsMap]),
    )
    .prefault({})
    .describe('EDNS in the query; false leaves it out, as blackbox_exporter does.')
