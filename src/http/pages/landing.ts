import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Snapshot } from '../../engine/module.ts'
import type { SelfMetrics } from '../../engine/self-metrics.ts'
import { version } from '../../kit/version.ts'
import { readFilter } from '../history/filter.ts'
import type { History } from '../history/history.ts'
import { queryOf } from '../probe-call.ts'
import type { WebOptions } from '../web-options.ts'
import { type Html, html } from './html.ts'
import { sendHtml } from './page.ts'
import { probeForm } from './probe-form.ts'
import { recentProbes } from './recent-probes.ts'

export interface LandingDeps {
  readonly current: () => Snapshot | undefined
  readonly history: History | undefined
  readonly web: WebOptions
  readonly metrics: SelfMetrics
}

const defaultShown = 50

function configStatus(snapshot: Snapshot | undefined, { successful, successAtMs }: SelfMetrics['lastReload']): Html {
  if (snapshot === undefined) return html`<p class="failure">No configuration yet.</p>`
  const at = new Date(successAtMs).toISOString()
  return html`<p>Configuration of ${at}, ${snapshot.modules.size} modules.${
    !successful && html` <span class="failure">It could not be loaded anew since: the log names every mistake.</span>`
  }</p>`
}

/** Builds the handler of `/`: a form to probe by hand, links, and the last probes. It throws `BadRequest`. */
export const createLanding =
  ({ current, history, web, metrics }: LandingDeps) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const recent = history && recentProbes(history, readFilter(queryOf(request), defaultShown))
    const page = html`<h1>sonde <small>${version}, multi-target probe exporter for Prometheus</small></h1>
${configStatus(current(), metrics.lastReload)}
${probeForm(current(), { module: '', target: '' }, 'ui/probe')}
<ul>
<li><a href="${web.telemetryPath.slice(1)}">Metrics</a> of sonde itself</li>
<li><a href="config">Configuration</a>, secrets hidden</li>
${history && html`<li><a href="logs">Last probes</a> as text, <a href="logs?format=json">as JSON</a></li>`}
<li><a href="-/healthy">Health</a> and <a href="-/ready">readiness</a></li>
</ul>
${recent ?? html`<p>No history is kept, as --history.limit is 0.</p>`}`
    sendHtml(response, 'sonde', page, '')
  }
