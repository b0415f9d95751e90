import { type Answer, type ProbeOptions, probe } from '../../support/probe.ts'

/** A modules file with one module, `m`, whose options are given as YAML in flow style. */
export const moduleOf = (options: string, timeout = '5s') =>
  `modules:\n  m:\n    prober: dhcp\n    timeout: ${timeout}\n    dhcp: {${options}}\n`

/** Asks `/probe` for a lease file. */
export const ask = (options: string, target: string, rest: ProbeOptions & { at?: number; timeout?: string } = {}) => {
  const { at, timeout, ...more } = rest
  return probe(
    moduleOf(options, timeout),
    { module: 'm', target, debug: 'false' },
    { ...more, ...(at && { now: () => at * 1000 }) },
  )
}

export const dhcpReason = (answer: Answer) =>
  answer.series.find(({ name }) => name === 'probe_dhcp_failure')?.labels.reason
