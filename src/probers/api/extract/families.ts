import type { MetricDef } from '../../../kit/metrics.ts'
import type { MetricType } from '../options/metric.ts'
import type { Path, Report } from './compiler.ts'

export interface FamilyOptions {
  readonly name: string
  readonly type: MetricType
  readonly help: string | undefined
  readonly labels: readonly string[]
}

const wireTypes = { gauge: 'gauge', counter: 'counter', untyped: 'untyped', stateset: 'gauge', info: 'gauge' } as const

/** What is wrong with the name of a metric; undefined when nothing is. */
export function nameFault(name: string): string | undefined {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) return `expected a metric name, such as app_requests: '${name}' is none`
  return name.startsWith('probe_') ? `names that begin with probe_ are sonde's own: ${name}` : undefined
}

const isSame = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every(label => other.includes(label))

const list = (labels: readonly string[]) => (labels.length === 0 ? 'none' : labels.join(', '))

/** The metrics of a module. Several entries may add to one, when they agree on what it is. */
export function createFamilies(report: Report) {
  const families: MetricDef[] = []
  const helps = new Map<string, string>()

  function conflict(known: MetricDef, { type, labels, help }: FamilyOptions): string | undefined {
    if (known.type !== wireTypes[type]) return `has another type already: ${known.type}`
    if (!isSame(known.labels, labels)) return `has other labels already: ${list(known.labels)}, not ${list(labels)}`
    const told = helps.get(known.name)
    return help === undefined || told === undefined || told === help ? undefined : 'has another help text already'
  }

  return {
    /** The place of a metric, which is added where it is new. */
    add(options: FamilyOptions, at: Path): { readonly family: number; readonly labels: readonly string[] } {
      const { name, type, help, labels } = options
      const fault = nameFault(name)
      if (fault !== undefined) report(at, fault)
      const index = families.findIndex(known => known.name === name)
      const known = families[index]
      const wrong = known && conflict(known, options)
      if (wrong !== undefined) report(at, `the metric ${name} ${wrong}`)
      if (help !== undefined) helps.set(name, help)
      if (known !== undefined) {
        families[index] = { ...known, help: helps.get(name) ?? name }
        return { family: index, labels: known.labels }
      }
      families.push({ name, type: wireTypes[type], help: help ?? name, labels: Object.freeze([...labels]) })
      return { family: families.length - 1, labels }
    },
    /** Each as one object, by which it is known. */
    get: (): readonly MetricDef[] => families.map(family => Object.freeze(family)),
  }
}

export type Families = ReturnType<typeof createFamilies>
