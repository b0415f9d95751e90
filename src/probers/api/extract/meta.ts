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
