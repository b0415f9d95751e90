import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { Snapshot } from '../../engine/module.ts'
import { resultJson } from '../../engine/result-json.ts'
import type { ProbeResult } from '../../engine/run-probe.ts'
import { logLines } from '../debug-text.ts'
import type { AnswerProbe } from '../probe-answer.ts'
import type { WebOptions } from '../web-options.ts'
import { copyAs } from './copy-as.ts'
import { html } from './html.ts'
import { sendHtml } from './page.ts'
import { probeForm } from './probe-form.ts'
import { waterfall } from './waterfall.ts'

/** Where a reader finds this sonde, without a slash at the end. */
function baseOf({ headers, socket }: IncomingMessage, { externalUrl, routePrefix }: WebOptions): string {
  if (externalUrl !== undefined) return externalUrl.replace(/\/$/, '')
  const scheme = (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http'
  return `${scheme}://${headers.host ?? 'localhost'}${routePrefix}`
}

const verdict = ({ success, reason, message, durationMs }: ProbeResult, timeoutMs: number) => html`
<h2 class="${success ? 'success' : 'failure'}">${success ? 'Success' : `Failure: ${reason}`}</h2>
<p>${message}</p>
<p>${(durationMs / 1000).toFixed(3)} s of ${(timeoutMs / 1000).toFixed(3)} s</p>`

/** Builds the answer of `/ui/probe`: what became of a probe, for people. */
export const answerWithPage =
  (current: () => Snapshot | undefined, web: WebOptions): AnswerProbe =>
  (request, response, { call: { module, target, timeoutMs }, result, metrics, recorder }) => {
    const { phases } = resultJson({ ...result, module: module.name, target, timeoutMs, logs: [] })
    const page = html`<h1><a href="../">sonde</a></h1>
${probeForm(current(), { module: module.name, target }, 'probe')}
${verdict(result, timeoutMs)}
${waterfall(phases, result.queuedMs / 1000)}
<h2>Log</h2>
<pre>${recorder && logLines(recorder).join('\n')}</pre>
<h2>Metrics</h2>
<pre>${metrics}</pre>
<details><summary>Configuration of ${module.name}</summary><pre>${module.describe()}</pre></details>
<details><summary>Copy as</summary>${copyAs(baseOf(request, web), module.name, target)}</details>`
    sendHtml(response, `sonde: ${target}`, page, '../')
  }
