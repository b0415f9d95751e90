import type { Family } from '../../engine/probe-metrics.ts'

const line = /^(\w+)(?:\{(.*)\})? (\S+)(?: \d+)?$/
const label = /(\w+)="((?:[^"\\]|\\.)*)"/g
const numbers: Readonly<Record<string, number>> = { '+Inf': Number.POSITIVE_INFINITY, '-Inf': Number.NEGATIVE_INFINITY }

const unescaped = (text: string) => text.replace(/\\(.)/g, (_pair, character) => (character === 'n' ? '\n' : character))

const labelsOf = (text: string) =>
  Object.fromEntries([...text.matchAll(label)].map(([, name = '', value = '']) => [name, unescaped(value)]))

/** The families of a text that sonde has printed itself, without their help. */
export function readMetrics(text: string): readonly Family[] {
  const families = new Map<string, Family['samples'][number][]>()
  for (const match of text.split('\n').map(text => line.exec(text))) {
    if (match === null) continue
    const [, name = '', labels = '', value = ''] = match
    const samples = families.get(name) ?? []
    families.set(name, samples)
    samples.push({ labels: labelsOf(labels), value: numbers[value] ?? Number(value) })
  }
  return [...families].map(([name, samples]) => ({ name, help: '', type: 'gauge', samples }))
}
