import { type PolicyReason, policyReasons, type Reason, reasons } from '../kit/failure.ts'
import type { Limiter } from '../kit/limiter.ts'
import type { ClosedLabels, CounterDef, CounterSink } from '../kit/metrics.ts'
import { revision, version } from '../kit/version.ts'
import { CounterFamily, type Labels } from './counter-family.ts'
import { createProcessRender } from './exposition.ts'
import { HistogramFamily } from './histogram-family.ts'
import { watchLoopDelay } from './loop-delay.ts'
import type { Module, RefusedModule, Snapshot } from './module.ts'
import type { Family, Sample } from './probe-metrics.ts'

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
  readonly lastReload: { readonly successful: boolean; readonly successAtMs: number }
  moduleUnknown(): void
  rejected(reason: PolicyReason): void
  shed(): void
  overran(): void
  /** A probe ran to a verdict. */
  probed(module: string, durationMs: number, failure: Reason | undefined): void
  bug(): void
  countersOf(module: string): CounterSink
  render(): Promise<string>
  /** Measures nothing any more. */
  stop(): void
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
  const durations = new HistogramFamily(
    'sonde_probe_duration_seconds',
    'How long probes took that ran to a verdict, by module, without the time in the queue.',
    [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  )
  const loopDelay = watchLoopDelay()
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
    durations.start(label)
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
    ...[probes, failures, durations, unknown, rejections, shed, overruns, bugs, loopDelay, ...custom.values()].map(
      counter => counter.family(),
    ),
  ]

  return {
    configured(snapshot) {
      for (const counter of [probes, failures, durations, ...custom.values()]) counter.keepModules(snapshot.modules)
      for (const module of snapshot.modules.values()) configureModule(module)
    },
    reloaded(success) {
      lastReloadSuccessful = Number(success)
      if (success) lastReloadSuccess = now() / 1000
    },
    get lastReload() {
      return { successful: lastReloadSuccessful === 1, successAtMs: lastReloadSuccess * 1000 }
    },
    moduleUnknown: () => unknown.add(1),
    rejected: reason => rejections.add(1, { reason }),
    shed: () => shed.add(1),
    overran: () => overruns.add(1),
    bug: () => bugs.add(1),
    probed(module, durationMs, failure) {
      probes.add(1, { module })
      durations.observe(durationMs / 1000, { module })
      if (failure !== undefined) failures.add(1, { module, reason: failure })
    },
    countersOf: module => ({ add: (def, by, labels) => customFamily(def).add(by, { module, ...labels }) }),
    render: () => renderWithProcess(families()),
    stop: () => loopDelay.stop(),
  }
}
