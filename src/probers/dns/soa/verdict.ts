import { widestGap } from './serial.ts'

/** What one server told. */
export interface Told {
  readonly label: string
  /** Undefined without an answer. */
  readonly isAuthoritative: boolean | undefined
  /** Undefined without an answer, and without a SOA record in it. */
  readonly serial: number | undefined
  /** Why there is no serial number. */
  readonly fault: string | undefined
}

export interface Limits {
  readonly max_serial_lag: number
  readonly require_aa: boolean
}

export interface Verdict {
  /** Undefined when no server told a serial number. */
  readonly lag: number | undefined
  readonly isConsistent: boolean
  /** What is wrong; none when the zone is fine. */
  readonly faults: readonly string[]
}

/** Compares what the servers of a zone told. */
export function compareServers(servers: readonly Told[], { max_serial_lag, require_aa }: Limits): Verdict {
  const gap = widestGap(servers.flatMap(({ label, serial }) => (serial === undefined ? [] : [{ label, serial }])))
  const silent = servers.flatMap(({ label, fault }) => (fault === undefined ? [] : [`${label}: ${fault}`]))
  const lame = require_aa
    ? servers.flatMap(({ label, isAuthoritative, fault }) =>
        isAuthoritative === false && fault === undefined ? [`${label}: the answer is not authoritative`] : [],
      )
    : []
  const behind =
    gap !== undefined && gap.lag > max_serial_lag
      ? [`${gap.behind.label} is ${gap.lag} behind ${gap.ahead.label}: ${gap.behind.serial}, ${gap.ahead.serial}`]
      : []
  return {
    lag: gap?.lag,
    isConsistent: silent.length === 0 && behind.length === 0,
    faults: [...behind, ...silent, ...lame],
  }
}
