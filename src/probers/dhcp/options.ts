import { bool, bytes, configPath, dumps, integer, number, z } from '../../kit/options.ts'
import { failIf } from './fail-if.ts'
import { formatNames } from './formats/detect.ts'
import { checkOptions } from './option-rules.ts'
import { perLease } from './per-lease-options.ts'
import { perSubnet } from './per-subnet.ts'
import { poolsOption } from './pools/options.ts'
import { ServerConfig } from './server-config/server-config.ts'

/** Where DHCP servers keep their leases. */
const defaultRoots = [
  '/var/lib/dhcp',
  '/var/lib/dhcpd',
  '/var/lib/kea',
  '/var/lib/misc',
  '/var/db/dhcpd',
  '/var/db/kea',
  '/var/dhcpd/var/db',
  '/etc/pihole',
  '/var/lib/systemd/network/dhcp-server-lease',
  '/tmp/dhcp.leases',
  '/tmp/hosts/odhcpd',
]

const shape = {
  roots: z
    .array(configPath())
    .default(defaultRoots)
    .describe('Folders, or single files, below which a target may lie; relative ones from the configuration file.'),
  format: z
    .enum(['auto', ...formatNames])
    .default('auto')
    .describe('Format of the file; auto looks at its first 4 KiB and cannot tell what an empty file is.'),
  family: z
    .enum(['auto', 'ipv4', 'ipv6'])
    .default('auto')
    .describe('Fail when the file is of the other family; files of dnsmasq and odhcpd hold both, there it selects.'),
  kea_side_files: bool()
    .default(true)
    .describe('Read .completed or .2 and .1 beside a Kea file first, in the order in which Kea loads them.'),
  dnsmasq_expiry: z
    .enum(['auto', 'epoch', 'length'])
    .default('auto')
    .describe(
      'What the first column of dnsmasq is: an instant, or a length (HAVE_BROKEN_RTC); auto tells by its size.',
    ),
  missing_ok: bool().default(false).describe('Take a missing file for one without leases.'),
  empty_ok: bool().default(true).describe('Take a file of zero octets for one without leases; never with format auto.'),
  symlinks: z
    .enum(['within_roots', 'deny'])
    .default('within_roots')
    .describe('Follow symbolic links that stay within the roots, or refuse every link below a root.'),
  max_file_bytes: bytes()
    .default(268_435_456)
    .describe('Largest size, over all files of a Kea set; of a larger one not an octet is read.'),
  max_entries: integer(1).default(2_000_000).describe('Most entries, before the last one of an address wins.'),
  max_malformed_ratio: number(0, 1).default(0.2).describe('Fail when a larger share of the entries is malformed.'),
  pools: poolsOption().describe('Pools of the server, of which sizes and use are told.'),
  server_config: configPath()
    .transform(path => new ServerConfig(path))
    .register(dumps, { dump: ({ path }: ServerConfig) => path })
    .optional()
    .describe(
      'Take the pools from dhcpd.conf, kea-dhcp4.conf, kea-dhcp6.conf or dnsmasq.conf, with what it includes; which of them, `format` says.',
    ),
  per_lease: perLease.prefault({}).describe('A series for each lease.'),
  per_subnet: perSubnet.prefault({}).describe("Counts by Kea's subnets."),
  fail_if: failIf.prefault({}).describe('Checks that make the probe fail, with all its metrics.'),
}

export const options = z.strictObject(shape).superRefine(checkOptions)

export type Options = z.output<typeof options>
