import { addressOptions, bool, integer, ipAddress, z } from '../../kit/options.ts'
import { definePlanned } from '../../kit/prober.ts'

const options = z.strictObject({
  ...addressOptions,
  source_ip_address: ipAddress().or(z.literal('')).optional().describe('Local address to send from.'),
  payload_size: integer(0, 65_507).default(0).describe('Octets of payload; 0 means the usual 28.'),
  dont_fragment: bool().default(false).describe('Set the DF bit of the IPv4 header.'),
  ttl: integer(0, 255).default(64).describe('Time to live of the request; 0 means that of the system.'),
})

export const icmp = definePlanned({ name: 'icmp', options, planned: 'sonde does not have the icmp prober yet' })
