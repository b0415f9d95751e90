import { BadRequest } from '../../kit/failure.ts'
import { safeText } from '../../kit/text.ts'
import type { DnsOptions } from './options.ts'
import { type ParamName, paramNames, paramPieces } from './param-options.ts'

function parse<N extends ParamName>(name: N, value: string): DnsOptions[N] {
  const parsed = paramPieces[name].safeParse(value)
  if (parsed.success) return parsed.data as DnsOptions[N]
  throw new BadRequest(`bad parameter ${name}: ${safeText(parsed.error.issues[0]?.message ?? 'it is not valid')}`)
}

/**
 * The options as the parameters of one request change them. Throws `BadRequest` for a parameter that the module does
 * not open, or whose value the section would not take.
 */
export function withParams(config: DnsOptions, params: ReadonlyMap<string, string>): DnsOptions {
  const given = paramNames.filter(name => params.has(name))
  const closed = given.find(name => !config.allow_params.includes(name))
  if (closed !== undefined) throw new BadRequest(`the parameter ${closed} is not among allow_params of the module`)
  const values = given.map(name => [name, parse(name, params.get(name) ?? '')])
  return given.length === 0 ? config : { ...config, ...Object.fromEntries(values) }
}
