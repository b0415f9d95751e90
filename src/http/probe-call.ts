import type { IncomingMessage } from 'node:http'
import { timeoutFor } from '../engine/deadline.ts'
import type { Module, Snapshot } from '../engine/module.ts'
import { BadRequest } from '../kit/failure.ts'
import type { LogFields } from '../kit/prober.ts'
import { safeText } from '../kit/text.ts'

/** What a request for `/probe` asks for, found to be sound. */
export interface Call {
  readonly module: Module
  readonly target: string
  readonly timeoutMs: number
  readonly form: 'metrics' | 'debug' | 'json'
  /** A probe that fails is answered with 503. */
  readonly failsAs503: boolean
  /** Those that the module declares. */
  readonly params: ReadonlyMap<string, string>
  /** Names of those that it does not. */
  readonly undeclared: readonly string[]
}

/** Query parameters that every module understands. */
const commonParams = new Set(['target', 'module', 'debug', 'format', 'fail'])
const defaultModule = 'http_2xx'

/** The query of a request target, whatever stands before it (RFC 9112, 3.2); the first of repeated parameters counts. */
export const queryOf = ({ url = '' }: IncomingMessage): URLSearchParams =>
  new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?')) : '')

const moduleName = (query: URLSearchParams) => query.get('module') || defaultModule

/** Whether it is a URL in which nothing that stands before an `@` is a credential. */
function isSafeUrl(target: string): boolean {
  if (!/^https?:/i.test(target) || !URL.canParse(target)) return false
  const { username, password } = new URL(target)
  return username === '' && password === ''
}

/** A target as it may be logged: what stands before an `@` or follows a `?` or `#` can be a credential. */
export function loggable(target: string): string {
  const [, place = '', rest] = /^([^?#]*)([?#])?/.exec(target) ?? []
  const isSafe = !place.includes('@') || isSafeUrl(target)
  const hidden = isSafe ? place : place.replace(/^([a-z]+:\/\/)?.*@/is, '$1***@')
  return safeText(rest === undefined ? hidden : `${hidden}${rest}***`, 512)
}

/** What a log line says of a request. */
export const calledFor = (query: URLSearchParams): LogFields => ({
  module: safeText(moduleName(query), 128),
  target: loggable(query.get('target') ?? ''),
})

/** The module that was asked for; undefined when there is none. Throws `BadRequest` when it cannot run. */
function requestedModule(query: URLSearchParams, snapshot: Snapshot | undefined): Module | undefined {
  const module = snapshot?.modules.get(moduleName(query))
  if (module !== undefined && 'refused' in module) throw new BadRequest(module.refused)
  return module
}

/** A parameter that is missing, empty, or this one word. Throws `BadRequest` for any other. */
export function isAsked(query: URLSearchParams, name: string, word: string): boolean {
  const value = query.get(name) ?? ''
  if (value !== '' && value !== word) throw new BadRequest(`malformed ${name} parameter: expected ${word}`)
  return value === word
}

function formOf(query: URLSearchParams): Call['form'] {
  if (isAsked(query, 'format', 'json')) return 'json'
  return query.get('debug') === 'true' ? 'debug' : 'metrics'
}

/**
 * Judges what the caller can get wrong, in blackbox_exporter's order: module, timeout header, target. Throws
 * `BadRequest`; `onUnknown` is called when the module is not configured.
 */
export function readCall(
  { headers }: IncomingMessage,
  query: URLSearchParams,
  snapshot: Snapshot | undefined,
  timeoutOffsetMs: number,
  onUnknown: () => void,
): Call {
  const module = requestedModule(query, snapshot)
  if (module === undefined) {
    onUnknown()
    throw new BadRequest(`Unknown module "${safeText(moduleName(query))}"`)
  }
  const header = headers['x-prometheus-scrape-timeout-seconds']
  const timeoutMs = timeoutFor(module.timeoutMs, header?.toString(), timeoutOffsetMs)
  const target = query.get('target')
  if (target === null || target === '') throw new BadRequest('Target parameter is missing')
  const names = [...new Set(query.keys())].filter(name => !commonParams.has(name))
  return {
    module,
    target,
    timeoutMs,
    form: formOf(query),
    failsAs503: isAsked(query, 'fail', 'status'),
    params: new Map(names.filter(name => module.params.has(name)).map(name => [name, query.get(name) ?? ''])),
    undeclared: names.filter(name => !module.params.has(name)),
  }
}
