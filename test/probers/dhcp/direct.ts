import type { MetricDef } from '../../../src/kit/metrics.ts'
import { anyAddress } from '../../../src/kit/net/policy/policy.ts'
import type { LogFields } from '../../../src/kit/prober.ts'
import { dhcp } from '../../../src/probers/dhcp/index.ts'

export interface DirectOptions {
  readonly options: Readonly<Record<string, unknown>>
  readonly file: string
  /** The instant of the probe, in Unix seconds. */
  readonly at?: number
  readonly signal?: AbortSignal
  readonly leftMs?: number
  /** Is told each step as it is logged. */
  readonly onStep?: (message: string, fields: LogFields) => void
}

export interface Direct {
  /** What was logged, in order. */
  readonly steps: readonly { readonly message: string; readonly fields: LogFields }[]
  /** The value of the one metric with these labels. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined
}

const ignore = () => undefined

/** Probes without a server, so that a test sees the steps; rejects as the prober does. */
export async function probeDirectly(own: DirectOptions): Promise<Direct> {
  const steps: { message: string; fields: LogFields }[] = []
  const values = new Map<string, number>()
  const keyOf = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    JSON.stringify([name, Object.entries(labels).sort()])
  const debug = (message: string, fields: LogFields = {}) => {
    steps.push({ message, fields })
    own.onStep?.(message, fields)
  }
  const options = dhcp.options.parse(own.options)
  const set = ({ name }: MetricDef, value: number | boolean, labels?: Readonly<Record<string, string>>) => {
    values.set(keyOf(name, labels), Number(value))
  }
  await dhcp.probe(
    {
      signal: own.signal ?? new AbortController().signal,
      remainingMs: () => own.leftMs ?? 1e6,
      now: () => (own.at ?? 1795240000) * 1000,
      metrics: { set, setAt: ignore },
      counters: { add: ignore },
      policy: anyAddress,
      log: { debug, info: ignore, warn: ignore },
    },
    dhcp.accept({ target: own.file, params: new Map() }, options, anyAddress),
    options,
  )
  return { steps, value: (name, labels) => values.get(keyOf(name, labels)) }
}

/** What was read of the file: each part and from which octet on. */
export const readings = ({ steps }: Direct): string[] =>
  steps.flatMap(({ message, fields }) =>
    message === 'read the lease file' ? [`${fields.part} from ${fields.from_octet}`] : [],
  )

/** The active IPv4 leases. */
export const active = (answer: Direct): number | undefined =>
  answer.value('probe_dhcp_leases', { family: 'ipv4', type: 'address', state: 'active' })
