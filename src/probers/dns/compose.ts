import { randomBytes } from 'node:crypto'
import { needsSignatures } from './dnssec/options.ts'
import type { DnsOptions } from './options.ts'
import { buildQuery, type Query, type QueryEdns, randomId } from './query.ts'
import { isDoh, type Transport } from './transport/server.ts'
import type { EdnsOption } from './wire/edns.ts'
import { clientCookieBytes, optionCodes, writeClientSubnet } from './wire/edns-options.ts'
import type { Question } from './wire/message.ts'

function ednsOf({ edns, dnssec }: DnsOptions, cookie: Buffer | undefined): QueryEdns | false {
  if (edns === false) return false
  const options: EdnsOption[] = []
  if (edns.nsid) options.push({ code: optionCodes.nsid, data: Buffer.alloc(0) })
  if (edns.client_subnet !== undefined) {
    options.push({ code: optionCodes.clientSubnet, data: writeClientSubnet(edns.client_subnet.subnet) })
  }
  if (cookie !== undefined) options.push({ code: optionCodes.cookie, data: cookie })
  return { udpBytes: edns.udp_size, dnssecOk: edns.do || needsSignatures(dnssec), options, padTo: edns.padding }
}

/** A client's cookie (RFC 7873, 4.1), when the module sends one. */
export const newCookie = ({ edns }: DnsOptions): Buffer | undefined =>
  edns !== false && edns.cookie ? randomBytes(clientCookieBytes) : undefined

/** Servers tell of AD only those who ask for it, or for signatures (RFC 6840, 5.8). */
const asksForAd = ({ dnssec, flags }: DnsOptions): boolean =>
  dnssec?.require_ad === true || [flags?.require, flags?.forbid].some(list => list?.includes('ad') === true)

/** Builds the query for a question as the options say; with DoH its ID is 0, for the sake of caches (RFC 8484, 4.1). */
export function composeQuery(
  question: Question,
  config: DnsOptions,
  transport: Transport,
  cookie: Buffer | undefined,
): Query {
  const flags = { rd: config.recursion_desired, ad: asksForAd(config), cd: config.checking_disabled }
  return buildQuery(isDoh(transport) ? 0 : randomId(), question, { flags, edns: ednsOf(config, cookie) })
}
