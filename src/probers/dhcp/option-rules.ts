import type { z } from '../../kit/options.ts'
import { type FailIf, unanswerableChecks } from './fail-if.ts'
import { formats } from './formats/detect.ts'
import type { FormatName } from './formats/format.ts'
import type { Family } from './leases.ts'
import { type PerLease, perLeaseWarnings } from './per-lease-options.ts'
import type { ConfiguredPools } from './pools/options.ts'
import { ServerConfigError } from './server-config/reading.ts'
import { isConfigured, type ServerConfig } from './server-config/server-config.ts'

/** The options that depend on each other. */
interface Related {
  readonly format: FormatName | 'auto'
  readonly family: Family | 'auto'
  readonly dnsmasq_expiry: 'auto' | 'epoch' | 'length'
  readonly pools: ConfiguredPools
  readonly server_config?: ServerConfig | undefined
  readonly per_lease: PerLease
  readonly per_subnet: { readonly enabled: boolean }
  readonly fail_if: FailIf
}

type Refuse = (message: string, ...path: readonly (string | number)[]) => void

function checkPools({ pools, family, server_config }: Related, refuse: Refuse): void {
  for (const [i, pool] of pools.pools.entries()) {
    if (family === 'auto' || pool.family === family) continue
    refuse(`a pool of ${pool.family}, but family: ${family}`, 'pools', i)
  }
  if (pools.written.length > 0 && server_config !== undefined) {
    refuse('at most one of pools and server_config may be set', 'server_config')
  }
}

/** Reads the server's configuration. */
function checkServerConfig({ server_config, format, family }: Related, refuse: Refuse): void {
  if (server_config === undefined) return
  if (!isConfigured(format)) {
    refuse('needs format: isc-dhcpd, kea-csv or dnsmasq', 'server_config')
    return
  }
  try {
    server_config.load(format, family)
  } catch (error) {
    if (!(error instanceof ServerConfigError)) throw error
    refuse(error.message, 'server_config')
  }
}

function checkChecks({ fail_if, format, dnsmasq_expiry, pools, server_config }: Related, refuse: Refuse): void {
  for (const option of unanswerableChecks(fail_if, format)) refuse(`${format} files do not tell`, 'fail_if', option)
  if (fail_if.overdue_leases_over !== undefined && dnsmasq_expiry === 'length') {
    refuse('files with dnsmasq_expiry: length do not tell', 'fail_if', 'overdue_leases_over')
  }
  for (const option of ['pool_used_ratio_over', 'pool_free_under'] as const) {
    if (fail_if[option] !== undefined && pools.written.length === 0 && server_config === undefined) {
      refuse('needs pools or server_config', 'fail_if', option)
    }
  }
}

/** The rules between options; reads the file of `server_config`. */
export function checkOptions(options: Related, issues: z.RefinementCtx): void {
  // zod comes here with faulty pools, too, and has not made anything of them then.
  if (!('written' in options.pools)) return
  const refuse: Refuse = (message, ...path) => issues.addIssue({ code: 'custom', path: [...path], message })
  checkPools(options, refuse)
  checkServerConfig(options, refuse)
  checkChecks(options, refuse)
  const { format, family, per_subnet } = options
  if (format !== 'auto' && family !== 'auto' && formats[format].knows[family].types.length === 0) {
    refuse(`${format} files hold no ${family} leases`, 'family')
  }
  if (per_subnet.enabled && format !== 'auto' && format !== 'kea-csv') {
    refuse(`${format} files do not tell the subnet of a lease`, 'per_subnet', 'enabled')
  }
}

/** What an operator should know at load. */
export const optionWarnings = ({ format, fail_if, server_config, per_lease }: Related): readonly string[] => [
  ...(fail_if.file_age_over !== undefined && format === 'isc-dhcpd'
    ? ['fail_if.file_age_over: an idle dhcpd does not write its file']
    : []),
  ...perLeaseWarnings(per_lease),
  ...(server_config?.warnings ?? []),
]
