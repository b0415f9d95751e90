import { bool, z } from '../../kit/options.ts'
import { queryClass, queryName, rcode, recordType } from './question-options.ts'
import { transport } from './transport/options.ts'

const flag = () => z.preprocess(value => (value === 'true' ? true : value === 'false' ? false : value), bool())

/** The options that parameters of `/probe` may set, with the schema pieces that the section has for them. */
export const paramPieces = {
  query_name: queryName(),
  query_type: recordType(),
  query_class: queryClass(),
  transport: transport(),
  recursion_desired: flag(),
  checking_disabled: flag(),
  valid_rcodes: z.preprocess(value => String(value).split(','), z.array(rcode())),
}

export type ParamName = keyof typeof paramPieces

export const paramNames = Object.keys(paramPieces) as readonly ParamName[]

export const allowParams = () =>
  z
    .array(z.enum(paramNames, { error: `expected one of ${paramNames.join(', ')}` }))
    .default([])
    .describe(`Options that parameters of \`/probe\` of the same name may override: ${paramNames.join(', ')}.`)
