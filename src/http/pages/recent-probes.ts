import type { Filter, History, PastProbe } from '../history/history.ts'
import { mostResults, type Pulse } from '../history/pulse.ts'
import { timeOf, verdictOf } from '../history/shown.ts'
import { sources } from '../history/source.ts'
import { type Html, html } from './html.ts'

const row = (past: PastProbe) => html`
<tr><td>${timeOf(past)}</td><td>${past.module.name}</td><td>${past.target}</td>
<td class="${verdictOf(past)}">${verdictOf(past)}${past.result.reason === undefined ? '' : `: ${past.result.reason}`}</td>
<td>${(past.result.durationMs / 1000).toFixed(3)} s</td><td>${past.source}</td>
<td><a href="logs?id=${past.id}">Log</a></td></tr>`

const pulseRow = ({ module, target, successes }: Pulse) => {
  const bars = successes.map(
    (success, index) =>
      html`<rect class="${success ? 'good' : 'bad'}" x="${index * 7}" y="${success ? 6 : 0}" width="5" height="${success ? 10 : 16}"/>`,
  )
  const good = successes.filter(success => success).length
  return html`
<tr><td>${module}</td><td>${target}</td>
<td><svg role="img" width="140" height="16"><title>${good} of the last ${successes.length} succeeded</title>${bars}</svg></td></tr>`
}

const choice = (name: string, value: string, values: readonly string[]) => html`
<label>${name} <select name="${name}"><option value="">any</option>${values.map(
  option => html`<option${option === value ? html` selected` : ''}>${option}</option>`,
)}</select></label>`

/** The last probes, and a form that picks among them. */
export function recentProbes(history: History, filter: Filter): Html {
  const probes = history.list(filter)
  return html`
<h2>Recent probes</h2>
<form method="get">
<p><label>module <input name="module" value="${filter.module}"></label>
<label>part of the target <input name="target" value="${filter.target}"></label>${choice('result', filter.result, [
    'success',
    'failure',
  ])}${choice('source', filter.source, sources)}
<button>Show</button></p>
</form>
<table>
<thead><tr><th>Time</th><th>Module</th><th>Target</th><th>Result</th><th>Duration</th><th>Source</th><th></th></tr></thead>
<tbody>${probes.map(row)}</tbody>
</table>
${probes.length === 0 ? html`<p>None.</p>` : ''}
<h2>The last ${mostResults} of each target</h2>
<table>
<thead><tr><th>Module</th><th>Target</th><th>Results</th></tr></thead>
<tbody>${history.pulses(filter).map(pulseRow)}</tbody>
</table>`
}
