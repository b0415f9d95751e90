import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ProbeMetrics } from '../src/engine/probe-metrics.ts'
import { commonMetrics } from '../src/engine/run-probe.ts'
import { loadConfig } from '../src/exporter.ts'
import { DeadlineExceeded, type ProbeFailure } from '../src/kit/failure.ts'
import type { MetricDef } from '../src/kit/metrics.ts'
import { anyAddress, defaultPolicy } from '../src/kit/net/policy/policy.ts'
import type { z } from '../src/kit/options.ts'
import type { ProbeContext, Prober } from '../src/kit/prober.ts'
import * as probers from '../src/probers/index.ts'
import type { Contract } from './support/contract.ts'
import { until } from './support/programs.ts'

const all = Object.entries(probers)
// biome-ignore lint/suspicious/noExplicitAny: probers have no common type for options and request
type AnyProber = Prober<string, z.ZodType, any>
const built = all.filter((entry): entry is [string, AnyProber & (typeof entry)[1]] => !('planned' in entry[1]))

const examples = new URL('../examples/modules/', import.meta.url)
const silentLog = { debug() {}, info() {}, warn() {} }

/** The names that blackbox_exporter gave and that the naming rules would not allow today. */
const inherited = new Set(['probe_ssl_earliest_cert_expiry'])

async function startContract(name: string): Promise<Contract> {
  const { contract } = (await import(`./probers/${name}/contract.ts`)) as { contract: () => Promise<Contract> }
  return contract()
}

/** Runs a prober by itself; tells its options, which definitions it set, and how it ended. */
function runAlone(prober: AnyProber, section: unknown, target: string) {
  const controller = new AbortController()
  const options = prober.options.parse(section)
  const used = new Set<MetricDef>()
  const metrics = new ProbeMetrics()
  const ctx: ProbeContext = {
    signal: controller.signal,
    remainingMs: () => 5000,
    now: Date.now,
    counters: { add() {} },
    policy: defaultPolicy,
    log: silentLog,
    metrics: {
      set(def: MetricDef, value: number | boolean, labels?: Readonly<Record<string, string>>) {
        used.add(def)
        metrics.set(def, value, labels)
      },
      setAt(def: MetricDef, atMs: number, value: number | boolean, labels?: Readonly<Record<string, string>>) {
        used.add(def)
        metrics.setAt(def, atMs, value, labels)
      },
    },
  }
  const request = prober.accept({ target, params: new Map() }, options, anyAddress)
  const ended = prober.probe(ctx, request, options).then(
    () => undefined,
    (error: unknown) => error,
  )
  return { controller, options, used, ended }
}

describe.each(all)('%s', (name, prober) => {
  test('is exported under its own name, in lower case', () => {
    expect(prober.name).toBe(name)
    expect(name).toMatch(/^[a-z][a-z0-9]*$/)
  })

  test('every option is described', () => {
    const undescribed: string[] = []
    const visit = (schema: z.core.$ZodType, path: string) => {
      const def = (schema as z.core.$ZodTypes)._zod.def
      if (def.type === 'object') {
        for (const [key, option] of Object.entries(def.shape)) {
          if (!/^[A-Z`].*\.$/.test((option as z.ZodType).description ?? '') && path !== '')
            undescribed.push(`${path}.${key}`)
          visit(option, `${path}.${key}`)
        }
      }
      if ('innerType' in def) visit(def.innerType as z.core.$ZodType, path)
      if (def.type === 'array') visit(def.element, path)
      if (def.type === 'record') visit(def.valueType, path)
      if (def.type === 'pipe') visit(def.in, path)
      if (def.type === 'union') for (const option of def.options) visit(option, path)
    }
    visit(prober.options, name)
    expect(undescribed).toEqual([])
  })
})

describe.each(built)('%s', (name, prober) => {
  test('its metrics have names, help and units as Prometheus wants them', () => {
    const names = prober.metrics.map(metric => metric.name)
    expect(new Set(names).size).toBe(names.length)
    const common = new Set(commonMetrics.map(metric => metric.name))
    for (const metric of prober.metrics) {
      expect(metric.name).toMatch(/^probe_[a-z0-9_]+$/)
      expect(common).not.toContain(metric.name)
      expect(metric.help.length).toBeGreaterThan(10)
      if (inherited.has(metric.name)) continue
      expect(metric.name).not.toMatch(/_(total|count|sum|bucket|ms|percent|minutes|milliseconds|kilobytes)$/)
      for (const label of metric.labels)
        expect(label).toMatch(
          /^(?!(le|quantile|service|env|region|zone|cluster|stage|target|module|instance|job)$)[a-z][a-z0-9_]*$/,
        )
    }
  })

  test.each(['healthy', 'failing'] as const)('sets nothing undeclared: %s target', async kind => {
    await using contract = await startContract(name)
    const { options, used, ended } = runAlone(prober, contract.section, contract[kind])
    const error = await ended
    if (kind === 'healthy') expect(error).toBeUndefined()
    else expect(error).toBeInstanceOf(Error)
    const declared = [...prober.metrics, ...(prober.metricsOf?.(options) ?? [])]
    expect([...used].filter(def => !declared.includes(def))).toEqual([])
    expect(used.size).toBeGreaterThan(0)
  })

  test.each([
    ['the deadline', new DeadlineExceeded()],
    ['a hang-up', new Error('gone')],
  ])('settles within 200 ms of %s and leaves no handle open', async (_cause, reason) => {
    await using contract = await startContract(name)
    await runAlone(prober, contract.section, contract.healthy).ended
    const before = process.getActiveResourcesInfo()
    const { controller, ended } = runAlone(prober, contract.section, contract.hanging)
    const pending = sleep(50).then(() => 'pending')
    expect(await Promise.race([ended, pending])).toBe('pending')
    const abortedMs = performance.now()
    controller.abort(reason)
    const error = await ended
    expect(performance.now() - abortedMs).toBeLessThan(200)
    expect(error).toBeInstanceOf(Error)
    expect(error === reason || (error as Error).cause === reason || (error as ProbeFailure).reason === 'timeout').toBe(
      true,
    )
    await until(() => surplus(before, process.getActiveResourcesInfo()).length === 0, 2000)
  })

  test('its example loads without a warning', () => {
    const file = new URL(`${name}.yaml`, examples)
    const { modules, warnings } = loadConfig(readFileSync(file, 'utf8'), file.pathname)
    expect(modules.size).toBeGreaterThan(1)
    expect(warnings).toEqual([])
  })
})

test('every example belongs to a prober', () => {
  expect(readdirSync(examples).sort()).toEqual(built.map(([name]) => `${name}.yaml`).sort())
})

test("the modules that ship load without a warning, with blackbox_exporter's names among them", () => {
  const file = new URL('../modules.yaml', import.meta.url)
  const text = readFileSync(file, 'utf8')
  expect(text).toMatch(/^# yaml-language-server: \$schema=/)
  const { modules, warnings } = loadConfig(text, file.pathname)
  expect(warnings).toEqual([])
  expect([...modules.keys()]).toEqual(expect.arrayContaining(['http_2xx', 'http_post_2xx', 'dns_udp']))
})

/** The resources that are there now and were not before; timers come and go by themselves. */
function surplus(before: readonly string[], now: readonly string[]): string[] {
  const rest = [...before]
  return now.filter(kind => {
    if (kind === 'Timeout' || kind === 'Immediate') return false
    const at = rest.indexOf(kind)
    if (at !== -1) rest.splice(at, 1)
    return at === -1
  })
}
