import type { ModuleHeaders } from '../../../kit/net/http/header-options.ts'
import type { HttpJob } from '../../../kit/net/http/job.ts'
import { Secret } from '../../../kit/secret.ts'
import { type UrlTarget, urlFor } from '../target.ts'
import { escapeFor, fillHeader } from './escape.ts'
import { type Given, isTemplate, type JsonBody } from './given.ts'
import type { Field, PlannedBody, PlannedRequest } from './plan.ts'
import { fill, slotsOf, type Values } from './template.ts'

const accepted: Readonly<Record<PlannedRequest['format'], string>> = {
  json: 'application/json, */*;q=0.1',
  xml: 'application/xml, text/xml, */*;q=0.1',
  text: 'text/plain, */*;q=0.1',
  auto: '*/*',
}

const bodyTypes: Readonly<Record<PlannedBody['kind'], string | undefined>> = {
  text: undefined,
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
}

/** What fills a request in, and what it notes on the way: texts that nobody may see. */
interface Filling {
  readonly values: Values
  readonly secrets: string[]
}

const isSecret = (value: Given) => !isTemplate(value) || slotsOf(value).some(({ kind }) => kind === 'extracted')

/** Fills a value in, its slots made to suit by `suit`. Throws `ProbeFailure` for a file that cannot be read. */
async function textOf(value: Given, { values, secrets }: Filling, suit?: (text: string) => string): Promise<string> {
  const text = isTemplate(value) ? fill(value, values, suit) : await value.reveal()
  if (isSecret(value)) secrets.push(text)
  return text
}

async function searchOf(fields: readonly Field[], filling: Filling): Promise<URLSearchParams> {
  const search = new URLSearchParams()
  for (const [name, value] of fields) search.append(name, (await textOf(value, filling)).toWellFormed())
  return search
}

/** Values that are hidden go to the host of the target alone, and are not logged. */
const headerOf = ([name, value]: Field, values: Values): ModuleHeaders[string] => {
  const hidden = (secret: Secret) => ({ values: [], secrets: [secret], files: [] })
  if (!isTemplate(value)) return hidden(value)
  const text = fillHeader(name, value, values)
  return isSecret(value) ? hidden(new Secret(text)) : text
}

function headersOf({ headers, format, body }: PlannedRequest, values: Values): ModuleHeaders {
  const has = (wanted: string) => headers.some(([name]) => name.toLowerCase() === wanted)
  const contentType = body && bodyTypes[body.kind]
  return {
    ...(!has('accept') && { Accept: accepted[format] }),
    ...(!has('accept-encoding') && { 'Accept-Encoding': 'gzip, deflate, br' }),
    ...(contentType !== undefined && !has('content-type') && { 'Content-Type': contentType }),
    ...Object.fromEntries(headers.map(field => [field[0], headerOf(field, values)])),
  }
}

async function jsonOf(body: JsonBody, filling: Filling): Promise<unknown> {
  if (typeof body !== 'object' || body === null) return body
  if (body instanceof Secret || isTemplate(body)) return textOf(body, filling)
  if (Array.isArray(body)) return Promise.all(body.map(item => jsonOf(item, filling)))
  const members = Object.entries(body).map(async ([key, member]) => [key, await jsonOf(member, filling)] as const)
  return Object.fromEntries(await Promise.all(members))
}

async function bodyOf({ body, headers }: PlannedRequest, filling: Filling): Promise<Uint8Array | undefined> {
  if (body === undefined) return undefined
  if (body.kind === 'json') return Buffer.from(JSON.stringify(await jsonOf(body.value, filling)))
  if (body.kind === 'form') return Buffer.from((await searchOf(body.fields, filling)).toString())
  const { value } = body
  const contentType = headers.findLast(([name]) => /^content-type$/i.test(name))?.[1]
  const type = contentType !== undefined && isTemplate(contentType) ? contentType.source : ''
  return Buffer.from(await textOf(value, filling, isTemplate(value) ? escapeFor(type, value) : undefined))
}

/**
 * Fills a request in. Throws `BadRequest` or `ProbeFailure('protocol')` for values that do not fit, and `ProbeFailure`
 * for a file of a secret that cannot be read.
 */
export async function buildJob(planned: PlannedRequest, target: UrlTarget, values: Values): Promise<HttpJob> {
  const secrets: string[] = []
  const noting: Values = slot => {
    const value = values(slot)
    if (slot.kind === 'extracted') secrets.push(value)
    return value
  }
  const filling = { values: noting, secrets }
  const search = await searchOf(planned.query, filling)
  const { url, path } = urlFor(target, planned.path, search, noting)
  const headers = headersOf(planned, noting)
  const body = await bodyOf(planned, filling)
  const { method, host, secretNames } = planned
  return { url, path, method, headers, host, body, secrets, secretNames }
}
