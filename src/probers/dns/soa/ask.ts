import { within } from '../../../kit/abort.ts'
import { DeadlineExceeded, Denied } from '../../../kit/failure.ts'
import { resolve } from '../../../kit/net/address.ts'
import type { ProbeContext } from '../../../kit/prober.ts'
import { askServer, serverAt } from '../ask.ts'
import { DnsFailure, rethrow } from '../failure.ts'
import type { DnsRequest } from '../request.ts'
import { destinationOf } from '../target.ts'
import { noWatch, type Server } from '../transport/server.ts'
import { rcodeName, rcodeOf, typeOf } from '../wire/iana.ts'
import type { Message } from '../wire/message.ts'
import { type Name, sameName } from '../wire/name.ts'
import { soaSerial } from '../wire/record.ts'
import type { ZoneServer } from './servers.ts'
import type { Told } from './verdict.ts'

/** What became of one server. */
export interface Outcome extends Told {
  /** Where it was asked; undefined when it was not. */
  readonly at: Server | undefined
  readonly denied: Denied | undefined
}

const soa = typeOf('SOA')
const noError = rcodeOf('NOERROR')

/** What an answer tells of a zone. */
export function tellOf(label: string, at: Server, { answer, flags, rcode }: Message, zone: Name): Outcome {
  const serial = answer.filter(({ name }) => sameName(name, zone)).flatMap(record => soaSerial(record) ?? [])[0]
  const refusal = rcode === noError ? undefined : `it answers ${rcodeName(rcode)}`
  const lack = serial === undefined ? 'it has no SOA record of the zone' : undefined
  const fault = flags.tc ? 'its answer is truncated' : (refusal ?? lack)
  return {
    label,
    at,
    isAuthoritative: flags.aa,
    serial: fault === undefined ? serial : undefined,
    fault,
    denied: undefined,
  }
}

async function ask(ctx: ProbeContext, { config, queryName, way }: DnsRequest, server: ZoneServer): Promise<Outcome> {
  const preferred = config.preferred_ip_protocol === 'ip4' ? /^[\d.]+$/ : /:/
  const host = server.glue.find(address => preferred.test(address)) ?? server.glue[0] ?? server.host
  if (host !== server.host) ctx.policy.judge(destinationOf(server, way)) // an address does not hide a name
  const address = await resolve(destinationOf({ host, port: server.port }, way), config, ctx).catch(rethrow)
  const at = serverAt(server, address, config)
  const question = { name: queryName.name, type: soa, class: config.query_class }
  const { reply } = await askServer(at, question, config, way, noWatch, ctx)
  return tellOf(server.label, at, reply.message, queryName.name)
}

/**
 * Asks a server for the zone's SOA record, again when there is no answer and `retries` says so. What is the server's
 * fault becomes its outcome. Throws what is sonde's, and the signal's reason.
 */
export async function askZoneServer(
  ctx: ProbeContext,
  request: DnsRequest,
  server: ZoneServer,
  budgetMs: number,
): Promise<Outcome> {
  const nothing = { label: server.label, at: undefined, isAuthoritative: undefined, serial: undefined }
  const tries = request.config.retries + 1
  for (let left = tries; ; left--) {
    try {
      const late = () => new DeadlineExceeded()
      return await within(budgetMs / tries, ctx.signal, late, signal => ask({ ...ctx, signal }, request, server))
    } catch (error) {
      if (ctx.signal.aborted) throw error
      const isLate = error instanceof DeadlineExceeded || (error instanceof DnsFailure && error.detail === 'timeout')
      if (isLate && left > 1) continue
      if (!isLate && !(error instanceof DnsFailure) && !(error instanceof Denied)) throw error
      const fault = isLate ? 'it does not answer' : error.message
      return { ...nothing, fault, denied: error instanceof Denied ? error : undefined }
    }
  }
}
