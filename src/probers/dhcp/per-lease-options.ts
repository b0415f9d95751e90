import { missingFiles, peek } from '../../kit/net/files.ts'
import { bool, configPath, integer, z } from '../../kit/options.ts'
import { type LeaseState, leaseStates } from './leases.ts'

export const labels = ['address', 'type', 'state', 'hwaddr', 'client_id', 'hostname'] as const

export type Label = (typeof labels)[number]

export const maxKeyBytes = 65_536
export const leastKeyBytes = 16
const states = leaseStates.filter((state): state is LeaseState => state !== '')

export const perLease = z
  .strictObject({
    enabled: bool()
      .default(false)
      .describe('Whether there is a series for each lease: addresses and names become labels.'),
    labels: z
      .array(z.enum(labels))
      .min(1)
      .refine(own => new Set(own).size === own.length, 'expected each label once')
      .default(['address', 'hostname'])
      .describe('What the series tell of a lease.'),
    states: z.array(z.enum(states)).min(1).default(['active']).describe('States of the leases that get a series.'),
    max_series: integer(1, 4000).default(1000).describe('Most leases; those with the highest addresses are left out.'),
    hash_hwaddr: bool()
      .default(false)
      .describe('Show 16 hexadecimal digits of an HMAC-SHA-256 in the place of a hardware address.'),
    hash_key_file: configPath().optional().describe('File whose content is the key of that HMAC.'),
  })
  .superRefine(({ labels: own, hash_hwaddr, hash_key_file }, issues) => {
    const refuse = (path: string, message: string) => issues.addIssue({ code: 'custom', path: [path], message })
    if (hash_hwaddr && hash_key_file === undefined) refuse('hash_hwaddr', 'needs hash_key_file')
    if (!hash_hwaddr && hash_key_file !== undefined) refuse('hash_key_file', 'needs hash_hwaddr: true')
    if (hash_hwaddr && !own.includes('hwaddr')) refuse('hash_hwaddr', 'needs hwaddr among the labels')
    const key = hash_key_file === undefined ? undefined : peek(hash_key_file, maxKeyBytes)
    if (key !== undefined && key.length < leastKeyBytes) {
      refuse('hash_key_file', `expected a key of at least ${leastKeyBytes} octets`)
    }
  })

export type PerLease = z.output<typeof perLease>

export const perLeaseWarnings = ({ labels: own, hash_hwaddr, hash_key_file }: PerLease): readonly string[] => [
  ...missingFiles({ 'per_lease.hash_key_file': hash_key_file }),
  ...(hash_hwaddr && own.includes('client_id')
    ? ['per_lease.labels: a client_id mostly holds the hardware address, which hash_hwaddr is to hide']
    : []),
]
