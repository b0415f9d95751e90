import { asciiHost } from '../../../kit/net/ascii-host.ts'
import { type HttpClientConfig, httpClientOptions } from '../../../kit/net/http/options.ts'
import type { StatusRange } from '../../../kit/net/http/request-options.ts'
import { z } from '../../../kit/options.ts'
import type { Section } from '../options/section.ts'
import type { RequestOptions } from '../options/transport.ts'
import { type Given, isTemplate, type JsonBody, leavesOf, slotsOfGiven } from './given.ts'
import { parseTemplate, type Slot, slotsOf, type Template } from './template.ts'

/** A name with what it gets. */
export type Field = readonly [name: string, value: Given]

export type PlannedBody =
  | { readonly kind: 'text'; readonly value: Given }
  | { readonly kind: 'json'; readonly value: JsonBody }
  | { readonly kind: 'form'; readonly fields: readonly Field[] }

/** A request with the options of its section filled in. */
export interface PlannedRequest {
  readonly id: string
  readonly required: boolean
  readonly path: Template
  readonly method: string
  readonly query: readonly Field[]
  /** Without `Host`. */
  readonly headers: readonly Field[]
  /** The `Host` to send, when it is not that of the target. */
  readonly host: string | undefined
  readonly body: PlannedBody | undefined
  readonly client: HttpClientConfig
  readonly validStatus: readonly StatusRange[]
  readonly format: 'json' | 'xml' | 'text' | 'auto'
  readonly limitBytes: number
  /** Names of what is extracted from its answer. */
  readonly extracts: readonly string[]
  /** Headers of its answer that are extracted. */
  readonly secretNames: readonly string[]
  /** How long its answer may be used again; undefined for never. */
  readonly cacheMs: number | undefined
  /** The requests whose extracted values it needs. */
  readonly needs: readonly string[]
}

/** The only request of a module that names none. */
export const onlyRequest = 'main'

const mib = 2 ** 20
export const usualClient = z.strictObject(httpClientOptions).parse({})

const isHost = ([name]: Field) => /^host$/i.test(name)

/** The fields of a request, and those of its section that it does not have. */
function mergedHeaders(
  own: Readonly<Record<string, Given>>,
  common: Readonly<Record<string, Given>>,
): readonly Field[] {
  const taken = new Set(Object.keys(own).map(name => name.toLowerCase()))
  return [...Object.entries(common).filter(([name]) => !taken.has(name.toLowerCase())), ...Object.entries(own)]
}

function plannedBody(body: RequestOptions['body']): PlannedBody | undefined {
  if (body === undefined) return undefined
  if (body.text !== undefined) return { kind: 'text', value: body.text }
  if (body.form !== undefined) return { kind: 'form', fields: Object.entries(body.form) }
  return { kind: 'json', value: body.json ?? null }
}

function bodySlots(body: PlannedBody | undefined): readonly Slot[] {
  if (body === undefined) return []
  if (body.kind === 'text') return slotsOfGiven(body.value)
  const leaves = body.kind === 'json' ? leavesOf(body.value) : body.fields.map(([, value]) => value)
  return leaves.flatMap(slotsOfGiven)
}

/** Everything that a request wants to be filled in. */
export const slotsOfRequest = ({ path, query, headers, body }: PlannedRequest): readonly Slot[] => [
  ...slotsOf(path),
  ...[...query, ...headers].flatMap(([, value]) => slotsOfGiven(value)),
  ...bodySlots(body),
]

function plan(id: string, own: Partial<RequestOptions>, section: Section): PlannedRequest {
  const body = plannedBody(own.body ?? section.body)
  const headers = mergedHeaders(own.headers ?? {}, section.headers ?? {})
  const host = headers.findLast(isHost)?.[1]
  const format = own.format ?? section.format ?? 'json'
  const request = {
    id,
    required: own.required ?? true,
    path: own.path ?? section.path ?? parseTemplate(''),
    method: own.method ?? section.method ?? (body === undefined ? 'GET' : 'POST'),
    query: Object.entries({ ...section.query, ...own.query }),
    headers: headers.filter(field => !isHost(field)),
    host: host !== undefined && isTemplate(host) ? asciiHost(host.source) || undefined : undefined,
    body,
    client: own.http_client_config ?? section.http_client_config ?? usualClient,
    validStatus: own.valid_status_codes ?? section.valid_status_codes ?? [],
    format,
    limitBytes: own.body_size_limit ?? section.body_size_limit ?? (format === 'xml' ? 5 : 10) * mib,
    extracts: Object.keys(own.extract ?? {}),
    secretNames: Object.values(own.extract ?? {}).flatMap(one => (typeof one === 'string' ? [] : (one.header ?? []))),
    cacheMs: own.cache?.ttl,
    needs: [],
  }
  const needs = slotsOfRequest(request).flatMap(slot => (slot.kind === 'extracted' ? [slot.request] : []))
  return { ...request, needs: [...new Set(needs)] }
}

const plans = new WeakMap<Section, readonly PlannedRequest[]>()

/** The requests of a module, in the order of its section; made when it is loaded. */
export function planOf(section: Section): readonly PlannedRequest[] {
  const known = plans.get(section)
  if (known !== undefined) return known
  const requests = section.requests ?? { [onlyRequest]: {} }
  const planned = Object.entries(requests).map(([id, own]) => plan(id, own, section))
  plans.set(section, planned)
  return planned
}
