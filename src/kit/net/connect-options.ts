import { isIP } from 'node:net'
import { bool, ipAddress, z } from '../options.ts'
import { type AddressChoice, unmapped } from './address.ts'

/** How connections to the target's addresses are made; spread them into a schema. */
export const connectOptions = {
  connect_fallback: bool()
    .default(false)
    .describe('When an address does not take the connection, try the next one, then those of the other family.'),
  source_ip_address: ipAddress()
    .transform(unmapped)
    .or(z.literal(''))
    .optional()
    .describe('Local address to connect from; only target addresses of its family are used.'),
}

export type ConnectConfig = z.output<z.ZodObject<typeof connectOptions>>

/** The family that the target's address must be of, as the local one is. */
export const familyOfSource = ({
  source_ip_address: source,
}: Pick<ConnectConfig, 'source_ip_address'>): 4 | 6 | undefined => (source ? (isIP(source) === 4 ? 4 : 6) : undefined)

/** Refuses a local address that leaves no target address to connect to; call it in `superRefine` of the schema. */
export function checkSource(
  options: Pick<ConnectConfig, 'source_ip_address'> & AddressChoice,
  issues: z.RefinementCtx,
): void {
  const family = familyOfSource(options)
  if (family === undefined || options.ip_protocol_fallback || options.preferred_ip_protocol === `ip${family}`) return
  const message = `needs preferred_ip_protocol: ip${family} or ip_protocol_fallback: true`
  issues.addIssue({ code: 'custom', path: ['source_ip_address'], message })
}
