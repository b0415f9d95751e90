import { render } from '../../engine/exposition.ts'
import type { Family, Sample } from '../../engine/probe-metrics.ts'
import type { Outcome, Report } from '../run/task.ts'
import type { Format } from './format.ts'

type Labels = Readonly<Record<string, string>>

/** A label that the series has already is kept under Prometheus' name for such a case. */
function withLabels(own: Labels, added: Labels): Labels {
  const kept = Object.entries(own).map(([label, value]) => [label in added ? `exported_${label}` : label, value])
  return { ...Object.fromEntries(kept), ...added }
}

const keyOf = ({ labels }: Sample) => JSON.stringify(Object.entries(labels).sort())

/** The families of several results as one, told apart by `labelsOf`; of equal series the first stays. */
export function mergeFamilies(outcomes: readonly Outcome[], labelsOf: (outcome: Outcome) => Labels): readonly Family[] {
  const merged = new Map<string, { family: Omit<Family, 'samples'>; samples: Map<string, Sample> }>()
  for (const outcome of outcomes) {
    for (const { samples, ...family } of outcome.families) {
      const known = merged.get(family.name) ?? { family, samples: new Map<string, Sample>() }
      if (known.family.type !== family.type) known.family = { ...known.family, type: 'untyped' }
      merged.set(family.name, known)
      for (const sample of samples) {
        const labelled = { ...sample, labels: withLabels(sample.labels, labelsOf(outcome)) }
        const key = keyOf(labelled)
        if (!known.samples.has(key)) known.samples.set(key, labelled)
      }
    }
  }
  return [...merged.values()].map(({ family, samples }) => ({ ...family, samples: [...samples.values()] }))
}

/** What `/probe` answers; of several targets with the labels that tell them apart. */
export const prom: Format = {
  name: 'prom',
  print({ outcomes, skipped }: Report) {
    const isOne = outcomes.length + skipped.length === 1
    return render(mergeFamilies(outcomes, ({ task }) => (isOne ? {} : task.labels)))
  },
}
