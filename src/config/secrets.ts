import { existsSync } from 'node:fs'
import { dumps, type z } from '../kit/options.ts'
import { Secret } from '../kit/secret.ts'
import type { Finding } from './issues.ts'
import type { Path } from './yaml.ts'

/** The options as they were written, where a prober has made something else of them. */
export function asWritten(schema: z.ZodType, options: unknown): unknown {
  const form = dumps.get(schema)
  return form !== undefined && 'written' in form ? form.written(options as never) : options
}

/** Warnings about secrets in files that are not there; they may come until a probe reads them. */
export function missingSecrets(value: unknown, path: Path): readonly Finding[] {
  if (value instanceof Secret) {
    if (value.file === undefined || existsSync(value.file)) return []
    return [{ path: [...path, 'file'], message: `file ${value.file} is missing` }]
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return []
  if (Array.isArray(value)) return value.flatMap((item, index) => missingSecrets(item, [...path, index]))
  const members = value instanceof Map ? [...value] : Object.entries(value)
  return members.flatMap(([key, member]) => missingSecrets(member, [...path, key]))
}
