import type { Pattern } from '../../../kit/regexp.ts'
import { optionCodes, readEdnsOptions } from '../wire/edns-options.ts'
import type { Message } from '../wire/message.ts'
import type { Check } from './check.ts'

function faultOf({ edns }: Message, pattern: Pattern): string | undefined {
  const option = edns?.options.find(({ code }) => code === optionCodes.nsid)
  if (edns === undefined || option === undefined) return 'the answer has no NSID'
  if (pattern.test(option.data)) return undefined
  return `the NSID '${readEdnsOptions(edns).nsid}' does not match '${pattern.source}'`
}

/** `nsid`: the name of the instance that answered, octet by octet. */
export const nsid: Check = ({ request: { config }, asked: { reply } }) =>
  config.nsid === undefined ? [] : [{ check: 'nsid', fault: faultOf(reply.message, config.nsid.allow_regexp) }]
