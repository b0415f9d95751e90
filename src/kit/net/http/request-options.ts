import { dumps, text, z } from '../../options.ts'
import { isToken } from './token.ts'

/** Status codes, both ends included. */
export interface StatusRange {
  readonly from: number
  readonly to: number
}

function statusRange(text: string): StatusRange | undefined {
  const [, single, family, from, to] = /^(?:([1-9]\d\d)|([1-5])xx|([1-5]\d\d)-([1-5]\d\d))$/i.exec(text) ?? []
  if (single !== undefined) return { from: Number(single), to: Number(single) }
  if (family !== undefined) return { from: Number(family) * 100, to: Number(family) * 100 + 99 }
  const range = { from: Number(from), to: Number(to) }
  return range.from <= range.to ? range : undefined
}

/** One status (above 599, too: some servers make such up), a class or a range. */
export const statusCode = () =>
  z
    .union([z.int(), z.string()])
    .transform((value, issues): StatusRange => {
      const range = statusRange(String(value))
      if (range !== undefined) return range
      issues.addIssue({ code: 'custom', message: 'expected a status such as 200, 2xx or 200-299' })
      return z.NEVER
    })
    .register(dumps, { dump: ({ from, to }: StatusRange) => (from === to ? from : `${from}-${to}`) })

/** Status codes that HTTP does not have (RFC 9110, 15). */
export const statusWarnings = (ranges: readonly StatusRange[]): readonly string[] =>
  ranges.filter(({ to }) => to > 599).map(({ to }) => `valid_status_codes: ${to} is no status code of HTTP`)

const success: readonly StatusRange[] = [{ from: 200, to: 299 }]

/** Whether a status is accepted; without ranges, those of success are. */
export const acceptsStatus = (ranges: readonly StatusRange[], status: number): boolean =>
  (ranges.length > 0 ? ranges : success).some(({ from, to }) => from <= status && status <= to)

/** A method in capitals; empty text means GET. */
export const method = () =>
  text()
    .transform(value => value.toUpperCase() || 'GET')
    .refine(value => isToken(value) && value !== 'CONNECT', { error: 'expected an HTTP method' })
