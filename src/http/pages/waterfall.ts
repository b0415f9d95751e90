import { type Html, html } from './html.ts'

interface Bar {
  readonly name: string
  readonly seconds: number
}

/** The phases of every prober, in the order in which they happen. */
const order = ['queue', 'resolve', 'connect', 'tls', 'request', 'processing', 'transfer']

const labelWidth = 100
const barWidth = 560
const timeWidth = 90
const rowHeight = 22

const rank = ({ name }: Bar) => (order.includes(name) ? order.indexOf(name) : order.length)
const sum = (bars: readonly Bar[]) => bars.reduce((total, { seconds }) => total + seconds, 0)

/** Where the time went, as a picture; empty when the prober tells no phases. */
export function waterfall(phases: Readonly<Record<string, number>>, queuedSeconds: number): Html | undefined {
  const named = Object.entries(phases).map(([name, seconds]): Bar => ({ name, seconds }))
  const bars = [{ name: 'queue', seconds: queuedSeconds }, ...named.toSorted((a, b) => rank(a) - rank(b))]
  const total = sum(bars)
  if (named.length === 0 || total <= 0) return undefined
  const at = (seconds: number) => Math.round((seconds / total) * barWidth * 10) / 10
  const row = ({ name, seconds }: Bar, index: number) => {
    const y = index * rowHeight
    const start = labelWidth + at(sum(bars.slice(0, index)))
    return html`
<text x="0" y="${y + 15}">${name}</text><rect x="${start}" y="${y + 4}" width="${Math.max(1, at(seconds))}" height="14"/>
<text x="${labelWidth + barWidth + 8}" y="${y + 15}">${(seconds * 1000).toFixed(2)} ms</text>`
  }
  const width = labelWidth + barWidth + timeWidth
  return html`<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${bars.length * rowHeight}">
<title>Time by phase</title>${bars.map(row)}
</svg>`
}
