import { checkStream, streamOptions } from '../../kit/net/stream-options.ts'
import { addressOptions, ipAddress, z } from '../../kit/options.ts'
import { definePlanned } from '../../kit/prober.ts'

const options = z
  .strictObject({
    ...streamOptions,
    ...addressOptions,
    source_ip_address: ipAddress().or(z.literal('')).optional().describe('Local address to connect from.'),
  })
  .superRefine(checkStream)

export const tcp = definePlanned({ name: 'tcp', options, planned: 'sonde does not have the tcp prober yet' })
