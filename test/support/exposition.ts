/** One sample of an exposition. */
export interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** In Unix milliseconds; absent unless the sample tells. */
  readonly atMs?: number
}

const samplePattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: (-?\d+))?$/s
const labelPattern = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y
const escapes: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' }

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  labelPattern.lastIndex = 0
  while (labelPattern.lastIndex < text.length) {
    const at = labelPattern.lastIndex
    const match = labelPattern.exec(text)
    if (match === null) throw new Error(`malformed labels at ${at}: ${text}`)
    labels[match[1] ?? ''] = (match[2] ?? '').replace(/\\["\\n]/g, pair => escapes[pair] ?? '')
  }
  return labels
}

const numbers: Readonly<Record<string, number>> = {
  '+Inf': Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
  Nan: Number.NaN,
  NaN: Number.NaN,
}

/** A strict reader of text format 0.0.4, written from its description alone: throws at anything that is not in it. */
export function parseExposition(text: string): readonly Series[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line does not end')
  const typed = new Set<string>()
  const seen = new Set<string>()
  const series: Series[] = []
  let family = ''
  for (const line of text.split('\n').slice(0, -1)) {
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line)
    if (comment !== null) {
      family = comment[2] ?? ''
      if (comment[1] === 'TYPE' && typed.has(family)) throw new Error(`two TYPE lines: ${family}`)
      if (comment[1] === 'TYPE') typed.add(family)
      continue
    }
    if (line === '') continue
    const match = samplePattern.exec(line)
    if (match === null) throw new Error(`malformed line: ${line}`)
    const [, name = '', labels = '', value = '', atMs] = match
    if (!name.startsWith(family) || !typed.has(family)) throw new Error(`${name} stands outside of its family`)
    const sample = {
      name,
      labels: parseLabels(labels),
      value: numbers[value] ?? Number(value),
      ...(atMs !== undefined && { atMs: Number(atMs) }),
    }
    const key = JSON.stringify([name, Object.entries(sample.labels).sort()])
    if (seen.has(key)) throw new Error(`twice: ${key}`)
    seen.add(key)
    series.push(sample)
  }
  return series
}

/** The value of the one series with this name and (at least) these labels. */
export function sampleValue(
  series: readonly Series[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = series.filter(
    sample => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )
  if (found.length > 1) throw new Error(`${found.length} series of ${name} match`)
  return found[0]?.value
}
