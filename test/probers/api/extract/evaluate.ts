import { findings } from '../../../../src/config/issues.ts'
import { explain } from '../../../../src/config/messages.ts'
import { parseYaml } from '../../../../src/config/yaml.ts'
import type { Format } from '../../../../src/probers/api/document/document.ts'
import type { Answer, DocumentResult, Meta } from '../../../../src/probers/api/extract/answer.ts'
import { merge, type Outcome } from '../../../../src/probers/api/extract/merge.ts'
import { readDocument } from '../../../../src/probers/api/extract/read-document.ts'
import { type ApiOptions, options } from '../../../../src/probers/api/options/options.ts'

/** An answer to a request: its body, and what else is known of it. */
export type Given =
  | string
  | Uint8Array
  | { readonly body: string | Uint8Array; readonly format?: Format; readonly meta?: Meta }

export const nowMs = Date.UTC(2026, 0, 2)

function parsed(yaml: string): unknown {
  const { value, faults } = parseYaml(yaml)
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join())
  return value
}

/** Binds a section that is written as YAML; throws what zod says. */
export const bind = (yaml: string): ApiOptions => options.parse(parsed(yaml))

/** What is wrong with a section, as `path: message`. */
export function mistakes(yaml: string): readonly string[] {
  const { error } = options.safeParse(parsed(yaml), { error: explain })
  const found = (error?.issues ?? []).flatMap(issue => findings(issue))
  return found.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

const never = new AbortController().signal

export function answerOf(api: ApiOptions, request: string, given: Given): Answer {
  const { body, format, meta = {} } = typeof given === 'string' || given instanceof Uint8Array ? { body: given } : given
  const octets = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const [first] = api.extraction.documents.get(request)?.compiled.keys() ?? []
  return { octets, format: format ?? first ?? 'json', meta: { sizeBytes: octets.length, ...meta }, nowMs }
}

export interface Evaluated extends Outcome {
  readonly results: ReadonlyMap<string, DocumentResult>
  /** As they are printed, sorted. */
  readonly lines: readonly string[]
  /** `metric reason count`. */
  readonly faults: readonly string[]
}

const line = ({ def, labels, value, atMs }: Outcome['samples'][number]) => {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => `${name}=${JSON.stringify(text)}`)
  return `${def.name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}${atMs === undefined ? '' : ` ${atMs}`}`
}

/** Evaluates a section on answers by request; a request without one has failed. */
export async function evaluate(
  section: string | ApiOptions,
  answers: Readonly<Record<string, Given>> | string,
): Promise<Evaluated> {
  const api = typeof section === 'string' ? bind(section) : section
  const given = typeof answers === 'string' ? { main: answers } : answers
  const results = new Map<string, DocumentResult>()
  for (const [request, answer] of Object.entries(given)) {
    const plan = api.extraction.documents.get(request)
    if (plan === undefined) throw new Error(`no request ${request}`)
    results.set(request, await readDocument(plan, answerOf(api, request, answer), never))
  }
  const outcome = merge(api.extraction, results)
  return {
    ...outcome,
    results,
    lines: outcome.samples.map(line).sort(),
    faults: outcome.errors.map(({ metric, reason, count }) => `${metric} ${reason} ${count}`),
  }
}
