import type { MetricDef } from '../../../kit/metrics.ts'
import { type Format, formats } from '../document/document.ts'
import type { Section } from '../options/section.ts'
import { type CompiledDocument, compileDocument } from './compile.ts'
import type { Path, Report } from './compiler.ts'
import { entrySpec, sourcesOf } from './entries.ts'
import { createFamilies } from './families.ts'
import type { DocumentSpec, EntrySpec, Placed } from './spec.ts'

/** Everything that is read of the answer to one request. */
export interface DocumentPlan {
  readonly request: string
  /** Whether the probe fails when the request does. */
  readonly required: boolean
  /** Whether anything of its body is read; if not, it may be anything. */
  readonly readsBody: boolean
  /** By the formats that its queries are good for: the one of the request, or for `auto` one or more of all. */
  readonly compiled: ReadonlyMap<Format, CompiledDocument>
  readonly conditions: DocumentSpec['conditions']
  readonly checks: DocumentSpec['checks']
  /** What is compiled, as JSON, for a thread. */
  readonly source: string
}

/** What a module makes of its answers: made at load. */
export interface Extraction {
  /** One for each request. */
  readonly documents: ReadonlyMap<string, DocumentPlan>
  readonly families: readonly MetricDef[]
  readonly entries: readonly PlannedEntry[]
  readonly maxSeries: number
}

/** An entry of `metrics`. */
export interface PlannedEntry {
  readonly name: string
  /** The request of each variant; just one for an entry without. */
  readonly from: readonly string[]
  readonly onMissing: EntrySpec['onMissing']
  readonly onDuplicate: EntrySpec['onDuplicate']
}

/** The name of the request of a section without `requests`. */
export const onlyRequest = 'main'

/** The names of its requests. */
export const requestNames = ({ requests }: Pick<Section, 'requests'>): readonly string[] =>
  requests === undefined ? [onlyRequest] : Object.keys(requests)

/** The format of a body, where the section says nothing of it. */
const defaultFormat = 'json'

/** Compiles for every format that all queries are good for; of text, which nearly everything is, only for want of others. */
function compileAuto(spec: DocumentSpec, report: Report): ReadonlyMap<Format, CompiledDocument> {
  const attempts = formats.map(format => {
    const mistakes: [Path, string][] = []
    const compiled = compileDocument(spec, format, (at, message) => mistakes.push([at, message]))
    return { format, compiled, mistakes }
  })
  const good = attempts.filter(({ mistakes }) => mistakes.length === 0)
  const structured = good.filter(({ format, compiled }) => format !== 'text' || !compiled.readsBody)
  if (good.length === 0) for (const [at, message] of attempts[0]?.mistakes ?? []) report(at, message)
  return new Map((structured.length > 0 ? structured : good).map(({ format, compiled }) => [format, compiled]))
}

function planDocument(section: Section, request: string, spec: DocumentSpec, report: Report): DocumentPlan {
  const own = section.requests?.[request]
  const format = own?.format ?? section.format ?? defaultFormat
  const compiled =
    format === 'auto' ? compileAuto(spec, report) : new Map([[format, compileDocument(spec, format, report)]])
  const readsBody = [...compiled.values()].some(document => document.readsBody)
  const { conditions, checks } = spec
  const source = JSON.stringify(spec)
  return { request, required: own?.required ?? true, readsBody, compiled, conditions, checks, source }
}

const placed = <T>(list: readonly T[], ...at: Path): readonly Placed<T>[] =>
  list.map((written, index) => ({ at: [...at, index], written }))

/** Compiles what a section makes of its answers; mistakes are reported. */
export function planExtraction(section: Section, report: Report): Extraction {
  const families = createFamilies(report)
  const names = requestNames(section)
  const first = names[0] ?? onlyRequest
  const entries = section.metrics.map((metric, index) =>
    sourcesOf(metric, ['metrics', index]).map(source => ({
      from: source.from?.written ?? first,
      spec: entrySpec(index, metric, source, families),
    })),
  )
  const checks = placed(section.checks, 'checks')
  const specOf = (name: string): DocumentSpec => ({
    conditions: placed(section.requests?.[name]?.checks ?? [], 'requests', name, 'checks'),
    extract: Object.entries(section.requests?.[name]?.extract ?? {}).map(([key, written]) => ({
      name: key,
      at: ['requests', name, 'extract', key],
      written,
    })),
    lookups: Object.entries(section.lookups).flatMap(([key, written]) =>
      written.from === name ? [{ name: key, at: ['lookups', key], written }] : [],
    ),
    entries: entries.flat().flatMap(({ from, spec }) => (from === name ? [spec] : [])),
    checks: checks.filter(({ written: { from = first } }) => from === name),
    maxSeries: section.max_series,
  })
  return {
    documents: new Map(names.map(name => [name, planDocument(section, name, specOf(name), report)])),
    families: families.get(),
    entries: section.metrics.map(({ name, on_missing, on_duplicate }, index) => ({
      name,
      from: (entries[index] ?? []).map(({ from }) => from),
      onMissing: on_missing,
      onDuplicate: on_duplicate,
    })),
    maxSeries: section.max_series,
  }
}
