import { rcodeName, rcodeOf } from '../wire/iana.ts'
import type { Message } from '../wire/message.ts'
import type { Check } from './check.ts'

const formatError = rcodeOf('FORMERR')

/** How a server without EDNS answers a query with it (RFC 6891, 7). */
const refusesEdns = ({ rcode, edns }: Message) => rcode === formatError && edns === undefined

/** `valid_rcodes`. */
export const rcode: Check = ({ request: { config }, asked: { reply } }) => {
  const { message } = reply
  if (config.valid_rcodes.includes(message.rcode)) return [{ check: 'rcode', fault: undefined }]
  const expected = config.valid_rcodes.map(rcodeName).join(' or ')
  const hint = config.edns !== false && refusesEdns(message) ? '; a server without EDNS needs `edns: false`' : ''
  return [{ check: 'rcode', fault: `the response code is ${rcodeName(message.rcode)}, not ${expected}${hint}` }]
}
