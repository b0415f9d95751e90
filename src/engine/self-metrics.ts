import { type PolicyReason, policyReasons, type Reason, reasons } from '../kit/failure.ts'
import type { Limiter } from '../kit/limiter.ts'
import type { ClosedLabels, CounterDef, CounterSink } from '../kit/metrics.ts'
import { revision, version } from '../kit/version.ts'
import { createProcessRender } from './exposition.ts'
import type { Module, RefusedModule, Snapshot } from './module.ts'
import type { Family, Sample } from './probe-metrics.ts'

type Labels = Readonly<Record<string, string>>

/** A counter whose every series exists from the start, keyed without collisions whatever the label values hold. */
class CounterFamily {
  readonly #samples = new Map<string, { labels: Labels; value: number }>()
  readonly #name: string
  readonly #help: string

  constructor(name: string, help: string, initial: readonly Labels[] = [{}]) {
    this.#name = name
    this.#help = help
    for (const labels of initial) this.add(0, labels)
  }

  add(by: number, labels: Labels = {}): void {
    const key = JSON.stringify(Object.entries(labels).sort())
    const sample = this.#samples.get(key)
    if (sample === undefined) this.#samples.set(key, { labels, value: by })
    else sample.value += by
  }

  /** Drops the series of modules that are no longer configured. */
  keepModules(known: ReadonlyMap<string, unknown>): void {
    for (const [key, { labels }] of this.#samples) if (!known.has(labels.module ?? '')) this.#samples.delete(key)
  }

  family(): Family {
    return { name: this.#name, help: this.#help, type: 'counter', samples: [...this.#samples.values()] }
  }
}

const gaugeFamily = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name,
  help,
  type: 'gauge',
  samples,
})

const unlabelled = (value: number): readonly Sample[] => [{ labels: {}, value }]

/** Every combination of the values of closed labels. */
function combinations(values: ClosedLabels): readonly Labels[] {
  return Object.entries(values).reduce<readonly Labels[]>(
    (sets, [label, options]) => sets.flatMap(set => options.map(option => ({ ...set, [label]: option }))),
    [{}],
  )
}

/** What the process tells about itself on /metrics; never mixed with the answer of a probe. */
export interface SelfMetrics {
  /** Starts the series of a new configuration at 0 and drops those of modules that are gone. */
  configured(snapshot: Snapshot): void
  reloaded(success: boolean): void
  moduleUnknown(): void
  rejected(reason: PolicyReason): void
  shed(): void
  overran(): void
  probed(module: string, failure: Reason | undefined): void
  bug(): void
  countersOf(module: string): CounterSink
  render(): Promise<string>
}

export function createSelfMetrics(limiter: Limiter, now: () => number = Date.now): SelfMetrics {
  const renderWithProcess = createProcessRender()
  const probes = new CounterFamily('sonde_probes_total', 'Probes that ran to a verdict, by module.', [])
  const failures = new CounterFamily('sonde_probe_failures_total', 'Probes that failed, by module and reason.', [])
  const unknown = new CounterFamily('sonde_module_unknown_total', 'Requests for a module that is not configured.')
  const rejections = new CounterFamily(
    'sonde_targets_rejected_total',
    'Targets that the target policy refused, by what it refused.',
    policyReasons.map(reason => ({ reason })),
  )
  const shed = new CounterFamily('sonde_probes_shed_total', 'Probes answered with 503 because sonde was at its limit.')
  const overruns = new CounterFamily('sonde_probes_overrun_total', 'Probers that ran on for over 1 s after their end.')
  const bugs = new CounterFamily('sonde_internal_errors_total', 'Requests answered with 500, each a bug in sonde.')
  const custom = new Map<string, CounterFamily>()
  let lastReloadSuccessful = 0
  let lastReloadSuccess = 0

  const customFamily = (def: CounterDef) => {
    const family = custom.get(def.name) ?? new CounterFamily(def.name, def.help, [])
    custom.set(def.name, family)
    return family
  }

  function configureModule(module: Module | RefusedModule) {
    if ('refused' in module) return
    const label = { module: module.name }
    probes.add(0, label)
    for (const reason of reasons) failures.add(0, { ...label, reason })
    for (const def of module.counters) {
      for (const labels of combinations(def.values)) customFamily(def).add(0, { ...label, ...labels })
    }
  }

  const families = (): readonly Family[] => [
    gaugeFamily('sonde_build_info', 'Version, revision and Node version of this sonde; always 1.', [
      { labels: { version, revision, nodeversion: process.version }, value: 1 },
    ]),
    gaugeFamily(
      'sonde_config_last_reload_successful',
      'Whether the last attempt to load the configuration succeeded.',
      unlabelled(lastReloadSuccessful),
    ),
    gaugeFamily(
      'sonde_config_last_reload_success_timestamp_seconds',
      'When the configuration was last loaded successfully.',
      unlabelled(lastReloadSuccess),
    ),
    gaugeFamily('sonde_probes_in_flight', 'Probes that are running.', unlabelled(limiter.active)),
    gaugeFamily('sonde_probes_queued', 'Probes that wait for a slot.', unlabelled(limiter.waiting)),
    ...[probes, failures, unknown, rejections, shed, overruns, bugs, ...custom.values()].map(counter =>
      counter.family(),
    ),
  ]

  return {
    configured(snapshot) {
      for (const counter of [probes, failures, ...custom.values()]) counter.keepModules(snapshot.modules)
      for (const module of snapshot.modules.values()) configureModule(module)
    },
    reloaded(success) {
      lastReloadSuccessful = Number(success)
      if (success) lastReloadSuccess = now() / 1000
    },
    moduleUnknown: () => unknown.add(1),
    rejected: reason => rejections.add(1, { reason }),
    shed: () => shed.add(1),
    overran: () => overruns.add(1),
    bug: () => bugs.add(1),
    probed(module, failure) {
      probes.add(1, { module })
      if (failure !== undefined) failures.add(1, { module, reason: failure })
    },
    countersOf: module => ({ add: (def, by, labels) => customFamily(def).add(by, { module, ...labels }) }),
    render: () => renderWithProcess(families()),
  }
}
