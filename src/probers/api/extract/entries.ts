import type { MetricOptions, VariantOptions } from '../options/metric.ts'
import type { Path } from './compiler.ts'
import type { Families } from './families.ts'
import { itemsSource } from './items-source.ts'
import type { EntrySpec, Placed, SeriesSpec } from './spec.ts'

/** What an entry, or one of its variants with what it has of the entry, reads. */
export interface Source {
  readonly variant: number
  readonly at: Path
  readonly from: Placed<string> | undefined
  readonly items: Placed<NonNullable<MetricOptions['items']>> | undefined
  readonly zip: Placed<NonNullable<MetricOptions['zip']>> | undefined
  readonly value: Placed<NonNullable<MetricOptions['value']>> | undefined
  readonly values: Placed<NonNullable<MetricOptions['values']>> | undefined
  readonly pivot: Placed<string> | undefined
  readonly timestamp: Placed<NonNullable<MetricOptions['timestamp']>> | undefined
  readonly labels: ReadonlyMap<string, Placed<MetricOptions['labels'][string]>>
}

type Written = MetricOptions | VariantOptions

/** The options of the last one of these that has them, and where they stand. */
function sourceOf(variant: number, parts: readonly Placed<Written>[]): Source {
  const pick = <K extends keyof Written & keyof Source>(key: K): Placed<NonNullable<Written[K]>> | undefined => {
    const part = parts.findLast(({ written }) => written[key] !== undefined)
    return part && { at: [...part.at, key], written: part.written[key] as NonNullable<Written[K]> }
  }
  // A variant with a value of its own, of either kind, takes none from the entry.
  const isOwn = parts.length > 1 && (['value', 'values'] as const).some(key => parts.at(-1)?.written[key] !== undefined)
  const ofValue = isOwn ? sourceOf(variant, parts.slice(1)) : undefined
  const labels = parts.flatMap(({ written, at }) =>
    Object.entries(written.labels).map(
      ([name, label]) => [name, { at: [...at, 'labels', name], written: label }] as const,
    ),
  )
  return {
    variant,
    at: parts.at(-1)?.at ?? [],
    from: pick('from'),
    items: pick('items'),
    zip: pick('zip'),
    value: ofValue ? ofValue.value : pick('value'),
    values: ofValue ? ofValue.values : pick('values'),
    pivot: ofValue ? ofValue.pivot : pick('pivot'),
    timestamp: pick('timestamp'),
    labels: new Map(labels),
  }
}

/** What an entry of `metrics` reads: by itself, or in each of its variants. */
export function sourcesOf(metric: MetricOptions, at: Path): readonly Source[] {
  const entry: Placed<Written> = { at, written: metric }
  if (metric.first_of === undefined) return [sourceOf(0, [entry])]
  return metric.first_of.map((written, index) => sourceOf(index, [entry, { at: [...at, 'first_of', index], written }]))
}

/** The label that an entry has besides those under `labels`: its last one. */
const furtherLabel = ({ type, name }: MetricOptions, source: Source): string | undefined =>
  type === 'stateset' ? name : source.pivot?.written

function seriesOf(metric: MetricOptions, source: Source, families: Families): readonly SeriesSpec[] {
  const further = furtherLabel(metric, source)
  const labels = [...source.labels.keys(), ...(further === undefined ? [] : [further])]
  const { name, type, help } = metric
  const series = (
    value: Placed<SeriesSpec['written']>,
    own: Partial<Pick<MetricOptions, 'name' | 'type' | 'help'>>,
    nameAt: Path,
    pivot?: string,
  ) => {
    const made = families.add({ name, type, help, labels, ...own }, nameAt)
    return { ...value, family: made.family, order: made.labels.map(label => labels.indexOf(label)), pivot }
  }
  const nameAt = [...source.at.slice(0, 2), 'name']
  if (type === 'info') return [series({ at: source.at, written: 1 }, {}, nameAt)]
  if (source.value !== undefined) return [series(source.value, {}, nameAt)]
  return Object.entries(source.values?.written ?? {}).map(([key, written]) => {
    const at = [...(source.values?.at ?? []), key]
    const own = typeof written === 'object' ? { type: written.type ?? type, help: written.help ?? help } : {}
    const isPivot = source.pivot !== undefined
    return series(
      { at, written },
      { ...own, ...(!isPivot && { name: `${name}_${key}` }) },
      at,
      isPivot ? key : undefined,
    )
  })
}

/** What is compiled and sent to threads of an entry. */
export function entrySpec(entry: number, metric: MetricOptions, source: Source, families: Families): EntrySpec {
  const items = {
    ...(source.items !== undefined && { items: itemsSource(source.items.written) }),
    ...(source.zip !== undefined && { zip: source.zip.written }),
  }
  return {
    entry,
    variant: source.variant,
    items,
    itemsAt: { items: source.items?.at ?? source.at, zip: source.zip?.at },
    labels: [...source.labels].map(([name, label]) => ({ name, ...label })),
    series: seriesOf(metric, source, families),
    timestamp: source.timestamp,
    states: metric.type === 'stateset' ? (metric.states ?? []) : undefined,
    onMissing: metric.on_missing,
    onDuplicate: metric.on_duplicate,
    maxItems: metric.max_items,
  }
}
