import { BadRequest } from '../../kit/failure.ts'
import { admit } from '../../kit/files/roots.ts'
import { requestPath } from '../../kit/net/http/request-path.ts'
import { parseTargetUrl } from '../../kit/net/http/target-url.ts'
import { type Destination, destinationOf, unbracketed } from '../../kit/net/target.ts'
import type { RawRequest, TargetPolicy } from '../../kit/prober.ts'
import type { Section } from './options/section.ts'
import { fillPath } from './request/escape.ts'
import { isTemplate } from './request/given.ts'
import { type PlannedRequest, planOf } from './request/plan.ts'
import { fill, type Template, type Values } from './request/template.ts'

export interface UrlTarget {
  readonly kind: 'url'
  readonly url: URL
  /** Path, and query with its question mark, as they were written. */
  readonly base: { readonly path: string; readonly query: string }
}

/** Where requests go. */
export type ApiTarget = UrlTarget | { readonly kind: 'file'; readonly path: string }

/** What a request of `/probe` asks for. */
export interface ApiRequest {
  readonly target: ApiTarget
  /** That of the first request which needs no other one; undefined for a file. */
  readonly destination: Destination | undefined
  /** Of every declared parameter. */
  readonly params: ReadonlyMap<string, string>
  /** Tells apart what is kept of different targets and parameters. */
  readonly key: string
}

function parseTarget(target: string): ApiTarget {
  const [, path] = /^file:(?:\/\/(?=\/))?(.*)$/is.exec(target) ?? []
  if (path !== undefined) return { kind: 'file', path }
  const { url, path: written } = parseTargetUrl(target)
  const question = written.indexOf('?')
  const end = question === -1 ? written.length : question
  return { kind: 'url', url, base: { path: written.slice(0, end), query: written.slice(end) } }
}

/** Appends the path of a request to that of a target. */
function joined(base: string, path: string): string {
  return path === '' ? base : `${base.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`
}

/** The host of a target; empty for a file. */
export const hostOf = (target: ApiTarget): string => (target.kind === 'url' ? unbracketed(target.url.hostname) : '')

/** Where a request goes: the URL, with path and query as they go over the wire. `query` is encoded. */
export function urlFor(
  { url, base }: UrlTarget,
  template: Template,
  query: URLSearchParams,
  values: Values,
): { readonly url: URL; readonly path: string } {
  const path = requestPath(joined(base.path, fillPath(template, values)))
  // What the module asks for is not for the caller to change.
  const kept = base.query
    .slice(1)
    .split('&')
    .filter(pair => pair !== '' && !query.has(nameIn(pair)))
  const search = [...kept, ...(query.size > 0 ? [query.toString()] : [])].join('&')
  const whole = new URL(url.origin) // by its setters, a path is never taken for a host
  whole.pathname = path
  whole.search = search
  return { url: whole, path: search === '' ? path : requestPath(`${path}?${search}`) }
}

const nameIn = (pair: string) => [...new URLSearchParams(pair).keys()][0] ?? ''

/** The file that a request reads. Throws `Denied` when it lies outside the roots, by its path alone. */
export function fileFor(target: string, template: Template, values: Values, roots: readonly string[]): string {
  fillPath(template, values) // no value may be a step here either
  return admit(joined(target, fill(template, values)), roots)
}

function acceptParams(given: ReadonlyMap<string, string>, { params }: Section): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(params).map(([name, { required, default: fallback = '', pattern }]) => {
      const value = given.get(name)
      if (value === undefined && required) throw new BadRequest(`parameter ${name} is missing`)
      if (value !== undefined && !pattern.testWhole(value)) {
        throw new BadRequest(`parameter ${name} does not match ${pattern.source}`)
      }
      return [name, value ?? fallback]
    }),
  )
}

/** The values of a request of `/probe`; extracted ones come from `extracted`, by request and name. */
export const valuesOf =
  (
    { target, params }: Pick<ApiRequest, 'target' | 'params'>,
    extracted: (request: string, name: string) => string,
  ): Values =>
  slot => {
    if (slot.kind === 'host') return hostOf(target)
    return slot.kind === 'param' ? (params.get(slot.name) ?? '') : extracted(slot.request, slot.name)
  }

const nothing = () => ''

function acceptFile(path: string, planned: PlannedRequest, values: Values, { roots }: Section): void {
  if (planned.method !== 'GET' || planned.body !== undefined) {
    throw new BadRequest(`a file can be read only: request ${planned.id} is a ${planned.method}`)
  }
  if (planned.needs.length === 0) fileFor(path, planned.path, values, roots)
}

/** What is not known yet, such as a hidden parameter, is judged when the request is made. */
function acceptUrl(
  target: UrlTarget,
  { path, query }: PlannedRequest,
  values: Values,
  policy: TargetPolicy,
): Destination {
  const open = query.flatMap(([name, value]): [string, string][] =>
    isTemplate(value) ? [[name, fill(value, values).toWellFormed()]] : [],
  )
  const asked = urlFor(target, path, new URLSearchParams(open), values)
  const destination = destinationOf(asked.url, asked.path)
  policy.judge(destination)
  return destination
}

/** Judges what the caller gave before anything happens. Throws `BadRequest`, or `Denied`. */
export function accept(
  { target: text, params: given }: RawRequest,
  section: Section,
  policy: TargetPolicy,
): ApiRequest {
  const target = parseTarget(text)
  const params = acceptParams(given, section)
  const values = valuesOf({ target, params }, nothing)
  let destination: Destination | undefined
  for (const planned of planOf(section)) {
    if (target.kind === 'file') acceptFile(target.path, planned, values, section)
    else if (planned.needs.length === 0) {
      const judged = acceptUrl(target, planned, values, policy)
      destination ??= judged
    }
  }
  return { target, destination, params, key: JSON.stringify([text, ...params.values()]) }
}
