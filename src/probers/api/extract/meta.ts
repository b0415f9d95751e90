import { cookieSetBy } from '../../../kit/net/http/cookies.ts'
import type { Extracted } from '../options/transport.ts'
import type { Meta } from './answer.ts'

/** Something of an answer beside its body, by the name that `meta` gives it; undefined when it is not known. */
export function metaValue(name: string, meta: Meta): number | string | undefined {
  switch (name) {
    case 'status_code':
      return meta.statusCode
    case 'duration':
      return meta.durationSeconds
    case 'size':
      return meta.sizeBytes
    case 'tls_not_after':
      return meta.tlsNotAfterSeconds
    default:
      return meta.headers?.get(name.slice('header:'.length).toLowerCase())?.[0]
  }
}

/** What the head of an answer holds; undefined when it is not there. */
export function headText(
  { header = '', cookie }: Exclude<Extracted, string>,
  { headers }: Meta,
  nowMs: number,
): string | undefined {
  if (cookie === undefined) return headers?.get(header.toLowerCase())?.[0]
  return cookieSetBy(headers?.get('set-cookie') ?? [], cookie, nowMs)
}
