import type { Message } from '../wire/message.ts'
import type { Check } from './check.ts'
import type { FlagRules } from './options.ts'

function faultOf({ flags, edns }: Message, { require, forbid }: FlagRules): string | undefined {
  const set = { ...flags, do: edns?.dnssecOk ?? false }
  const missing = require.filter(flag => !set[flag])
  const forbidden = forbid.filter(flag => set[flag])
  const faults = [
    ...(missing.length > 0 ? [`the answer lacks ${missing.join(', ')}`] : []),
    ...(forbidden.length > 0 ? [`the answer has ${forbidden.join(', ')}`] : []),
  ]
  return faults.length > 0 ? faults.join('; ') : undefined
}

/** `flags`. */
export const flags: Check = ({ request: { config }, asked: { reply } }) =>
  config.flags === undefined ? [] : [{ check: 'flags', fault: faultOf(reply.message, config.flags) }]
