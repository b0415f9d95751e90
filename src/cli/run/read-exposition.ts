import type { Family, Sample } from '../../engine/probe-metrics.ts'

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+(-?\d+))?$/
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,\s*|$)/y
const types = new Set(['gauge', 'counter'])

const unescaped = (text: string) => text.replace(/\\(.)/g, (_pair, char: string) => (char === 'n' ? '\n' : char))

function readLabels(text: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {}
  labelPair.lastIndex = 0
  while (labelPair.lastIndex < text.length) {
    const match = labelPair.exec(text)
    if (match === null) throw new Error(`malformed labels: ${text}`)
    labels[match[1] ?? ''] = unescaped(match[2] ?? '')
  }
  return labels
}

function readValue(text: string): number {
  const infinite = /^([+-]?)inf$/i.exec(text)
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const value = Number(text)
  if (Number.isNaN(value) && !/^nan$/i.test(text)) throw new Error(`malformed value: ${text}`)
  return value
}

/** Reads text format 0.0.4. Throws when it is malformed. */
export function readExposition(text: string): readonly Family[] {
  const families = new Map<string, Family & { readonly samples: Sample[] }>()
  const about = new Map<string, { help: string; type: Family['type'] }>()
  const aboutOf = (name: string) => {
    const known = about.get(name) ?? { help: '', type: 'untyped' }
    about.set(name, known)
    return known
  }
  for (const line of text.split('\n')) {
    const comment = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line)
    if (comment !== null) {
      const [, kind, name = '', rest = ''] = comment
      if (kind === 'HELP') aboutOf(name).help = unescaped(rest)
      else if (types.has(rest)) aboutOf(name).type = rest as Family['type']
    }
    if (line === '' || line.startsWith('#')) continue
    const [, name = '', labels = '', value = '', time] = sampleLine.exec(line) ?? []
    if (name === '') throw new Error(`malformed line: ${line.slice(0, 200)}`)
    const family = families.get(name) ?? { name, ...aboutOf(name), samples: [] }
    families.set(name, family)
    const atMs = time === undefined ? {} : { atMs: Number(time) }
    family.samples.push({ labels: readLabels(labels), value: readValue(value), ...atMs })
  }
  return [...families.values()]
}
