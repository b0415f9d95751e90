/** One line of the demo's table. */
export interface Shown {
  readonly module: string
  readonly target: string
  readonly verdict: string
  readonly duration: string
  readonly numbers: string
}

/** The value of the first series whose text begins like this, such as `probe_dhcp_leases{…,state="active"}`. */
export function numberIn(metrics: string, name: string, label = ''): string | undefined {
  const line = metrics
    .split('\n')
    .find(text => text.startsWith(name) && /[{ ]/.test(text[name.length] ?? '') && text.includes(label))
  return line?.slice(line.lastIndexOf(' ') + 1)
}

const reasonIn = (metrics: string) => /^probe_failure_info\{reason="(\w+)"\}/m.exec(metrics)?.[1]

/** What an answer of `/probe` says, in brief; `series` are the numbers worth showing: title, name, label. */
export function summarize(
  module: string,
  target: string,
  metrics: string,
  series: readonly (readonly [title: string, name: string, label?: string])[],
): Shown {
  const reason = reasonIn(metrics)
  const seconds = Number(numberIn(metrics, 'probe_duration_seconds'))
  const numbers = series.flatMap(([title, name, label]) => {
    const value = numberIn(metrics, name, label)
    return value === undefined ? [] : [`${title} ${value}`]
  })
  return {
    module,
    target,
    verdict: reason === undefined ? 'up' : `DOWN: ${reason}`,
    duration: `${(seconds * 1000).toFixed(1)} ms`,
    numbers: numbers.join(', '),
  }
}

/** Lays rows out in columns. */
export function layOut(rows: readonly Shown[]): string {
  const columns = ['module', 'target', 'verdict', 'duration', 'numbers'] as const
  const widths = columns.map(column => Math.max(column.length, ...rows.map(row => row[column].length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd()
  return [
    line(columns),
    line(widths.map(width => '-'.repeat(width))),
    ...rows.map(row => line(columns.map(column => row[column]))),
  ].join('\n')
}
