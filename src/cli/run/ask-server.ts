import { formatEntry } from '../../engine/logger.ts'
import type { LogEntry } from '../../engine/probe-log.ts'
import type { Family } from '../../engine/probe-metrics.ts'
import type { ResultParts } from '../../engine/result-json.ts'
import { within } from '../../kit/abort.ts'
import { BadRequest, type Reason, reasons } from '../../kit/failure.ts'
import { UsageError } from '../command.ts'
import { type Got, get } from '../http-get.ts'
import type { AskSettings } from './ask-here.ts'
import { readDebugText } from './read-debug-text.ts'
import { readExposition } from './read-exposition.ts'
import { type Ask, ServerFailure, type Task } from './task.ts'

/** What a server may take beyond the time of the probe. */
const graceMs = 5000
const longestProbeMs = 120_000

const callersFault = new Set([400, 401, 403, 404, 405, 429])

function probeUrl(server: URL, { module, target, params }: Task): URL {
  const url = new URL(server)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/probe`
  url.search = new URLSearchParams({ ...Object.fromEntries(params), module, target, debug: 'true' }).toString()
  return url
}

const firstValue = (families: readonly Family[], name: string) =>
  families.find(family => family.name === name)?.samples[0]?.value

function reasonOf(families: readonly Family[]): Reason | undefined {
  const label = families.find(({ name }) => name === 'probe_failure_info')?.samples[0]?.labels.reason
  return reasons.find(reason => reason === label)
}

/** What blackbox_exporter says of every probe. */
const usual = /^(?:Beginning probe|Probe failed$|Response timings)/

/** Why a probe failed: sonde says so in one line, blackbox_exporter in the last ones before its verdict. */
function failureOf(logs: readonly LogEntry[]): string {
  const own = logs.findLast(({ message }) => message === 'probe failed')?.fields.error
  if (own !== undefined) return String(own)
  const said = logs.filter(({ message }) => !usual.test(message))
  const last = said.findLast(({ level }) => level === 'error') ?? said.at(-1)
  if (last === undefined) return 'the server does not say why'
  const fields = Object.entries(last.fields).map(([key, value]) => (key === 'err' ? value : `${key}=${value}`))
  return [last.message, ...(fields.length === 0 ? [] : [fields.join(' ')])].join(': ')
}

function readMetrics(text: string): readonly Family[] {
  try {
    return readExposition(text)
  } catch (error) {
    throw new ServerFailure(`the server answered with something else than metrics: ${(error as Error).message}`)
  }
}

function readAnswer({ module, target }: Task, { status, body }: Got): ResultParts {
  const line = body.trim().split('\n')[0] ?? ''
  if (callersFault.has(status)) throw new BadRequest(`the server answered ${status}: ${line}`)
  if (status !== 200) throw new ServerFailure(`the server answered ${status}: ${line}`)
  const { metrics, logs } = readDebugText(body)
  const families = readMetrics(metrics)
  const success = firstValue(families, 'probe_success')
  if (success === undefined) {
    throw new ServerFailure('the server answered without probe_success: is it an exporter of probes?')
  }
  return {
    module,
    target,
    success: success === 1,
    reason: success === 1 ? undefined : reasonOf(families),
    message: success === 1 ? undefined : failureOf(logs),
    durationMs: (firstValue(families, 'probe_duration_seconds') ?? 0) * 1000,
    timeoutMs: (firstValue(families, 'probe_timeout_seconds') ?? 0) * 1000,
    families,
    logs,
  }
}

/** The URL of `--server`. Throws `UsageError`. */
export function serverUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url
  throw new UsageError('malformed --server: expected a URL such as http://localhost:9115') // it may hold a password
}

/** Asks a running exporter, a sonde or a blackbox_exporter. */
export function askServer(server: URL, { timeoutMs, isDebug, write }: Omit<AskSettings, 'concurrency'>): Ask {
  const headers: Readonly<Record<string, string>> =
    timeoutMs === undefined ? {} : { 'x-prometheus-scrape-timeout-seconds': String(timeoutMs / 1000) }
  const late = () => new ServerFailure('the server did not answer in time')

  return async (task, signal) => {
    const got = await within((timeoutMs ?? longestProbeMs) + graceMs, signal, late, inTime =>
      get(probeUrl(server, task), { headers, signal: inTime }).catch((error: unknown) => {
        inTime.throwIfAborted()
        throw new ServerFailure(`cannot ask the server: ${(error as Error).message}`, { cause: error })
      }),
    )
    const parts = readAnswer(task, got)
    if (isDebug) for (const entry of parts.logs) write(`target=${JSON.stringify(task.target)} ${formatEntry(entry)}\n`)
    return { ...parts, logs: isDebug ? parts.logs : parts.logs.filter(({ level }) => level !== 'debug') }
  }
}
