import { integer, number, positiveDuration, z } from '../../kit/options.ts'
import { type FormatName, failoverStates } from './formats/format.ts'

const shape = {
  file_age_over: positiveDuration()
    .optional()
    .describe('Fail when the newest file of the set was last written longer ago than this.'),
  no_transaction_for: positiveDuration()
    .optional()
    .describe('Fail when no client dealt with the server for longer than this, as far as the file tells.'),
  overdue_leases_over: integer(0)
    .optional()
    .describe('Fail when more leases than this are recorded as active though their end has passed.'),
  abandoned_over: integer(0).optional().describe('Fail when more leases than this are abandoned or declined.'),
  pool_used_ratio_over: number(0, 1)
    .optional()
    .describe('Fail when a larger share of a pool is used; with `pool_free_under`, both must be so.'),
  pool_free_under: integer(0)
    .optional()
    .describe('Fail when fewer leases than this are free in a pool; with `pool_used_ratio_over`, both must be so.'),
  scope: z
    .enum(['pool', 'shared_network'])
    .default('pool')
    .describe('What the two pool checks judge: each pool, or each shared network and the pools in none.'),
  active_under: integer(0).optional().describe('Fail when fewer leases than this are active.'),
  failover_state_not: z
    .array(z.enum(failoverStates))
    .min(1)
    .optional()
    .describe('Fail when the own state of a failover peer is not in this list.'),
}

export const failIf = z.strictObject(shape)

export type FailIf = z.output<typeof failIf>

type Option = keyof FailIf

/** Checks that a format can never answer. */
const unanswerable: Readonly<Partial<Record<Option, readonly FormatName[]>>> = {
  no_transaction_for: ['dnsmasq', 'udhcpd', 'odhcpd', 'systemd-networkd'],
  abandoned_over: ['dnsmasq', 'odhcpd', 'systemd-networkd'],
  failover_state_not: ['kea-csv', 'dnsmasq', 'udhcpd', 'odhcpd', 'systemd-networkd'],
}

/** The checks that files of this format cannot answer, of those that are configured. */
export const unanswerableChecks = (checks: FailIf, format: FormatName | 'auto'): readonly Option[] =>
  (Object.keys(unanswerable) as Option[]).filter(
    option => checks[option] !== undefined && format !== 'auto' && unanswerable[option]?.includes(format),
  )
