import { BadRequest } from '../../kit/failure.ts'
import type { Filter } from './history.ts'
import { sources } from './source.ts'

const results = ['success', 'failure'] as const

function oneOf<T extends string>(query: URLSearchParams, name: string, values: readonly T[]): T | '' {
  const text = query.get(name) ?? ''
  const value = values.find(value => value === text)
  if (value === undefined && text !== '') throw new BadRequest(`malformed ${name}: expected ${values.join(' or ')}`)
  return value ?? ''
}

/** Reads `module`, `target`, `result`, `source` and `limit`; those that are missing or empty filter nothing. Throws `BadRequest`. */
export function readFilter(query: URLSearchParams, defaultLimit: number): Filter {
  const limit = query.get('limit') || String(defaultLimit)
  if (!/^\d{1,9}$/.test(limit)) throw new BadRequest('malformed limit: expected a number')
  return {
    module: query.get('module') ?? '',
    target: query.get('target') ?? '',
    result: oneOf(query, 'result', results),
    source: oneOf(query, 'source', sources),
    limit: Number(limit),
  }
}
