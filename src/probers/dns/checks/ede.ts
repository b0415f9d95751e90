import { safeText } from '../../../kit/text.ts'
import { readEdnsOptions } from '../wire/edns-options.ts'
import type { Message } from '../wire/message.ts'
import type { Check } from './check.ts'

function faultOf({ edns }: Message, codes: readonly number[]): string | undefined {
  if (edns === undefined) return undefined
  const found = readEdnsOptions(edns).extendedErrors.find(({ code }) => codes.includes(code))
  if (found === undefined) return undefined
  const told = found.text === '' ? '' : `: ${safeText(found.text)}`
  return `the answer has the extended error ${found.code} (${found.name})${told}`
}

/** `fail_on_ede`. */
export const ede: Check = ({ request: { config }, asked: { reply } }) =>
  config.fail_on_ede.length === 0 ? [] : [{ check: 'ede', fault: faultOf(reply.message, config.fail_on_ede) }]
