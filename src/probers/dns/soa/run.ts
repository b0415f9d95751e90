import type { ProbeContext } from '../../../kit/prober.ts'
import { safeText } from '../../../kit/text.ts'
import { type Asked, askServer, withRetries } from '../ask.ts'
import { DnsFailure } from '../failure.ts'
import type { DnsRequest } from '../request.ts'
import { noWatch } from '../transport/server.ts'
import { typeOf } from '../wire/iana.ts'
import { askZoneServer, type Outcome, tellOf } from './ask.ts'
import * as metrics from './metrics.ts'
import type { SoaConfig } from './options.ts'
import { delegatedServers, listedServers, targetLabel, type ZoneServer } from './servers.ts'
import { compareServers } from './verdict.ts'

const atOnce = 8
// The rest is for the verdict: a server that does not answer is a finding, no reason to miss the deadline.
const shareOfTime = 0.9
const maxMessage = 500

async function findServers(
  ctx: ProbeContext,
  request: DnsRequest,
  { servers = [], from_ns }: SoaConfig,
  { server }: Asked,
): Promise<readonly ZoneServer[]> {
  const { config, queryName, way } = request
  if (!from_ns) return listedServers(servers, way.transport)
  const question = { name: queryName.name, type: typeOf('NS'), class: config.query_class }
  const ask = (inner: ProbeContext) => askServer(server, question, config, way, noWatch, inner)
  const { reply } = await withRetries(ctx, config.retries, ask)
  return delegatedServers(reply.message, queryName.name, server.port)
}

function report({ metrics: sink, log }: ProbeContext, { label, isAuthoritative, serial, fault, denied }: Outcome) {
  log.debug('asked a server of the zone', { server: label, serial, authoritative: isAuthoritative, fault })
  const server = { server: label }
  if (denied === undefined) sink.set(metrics.serverUp, isAuthoritative !== undefined, server)
  if (isAuthoritative !== undefined) sink.set(metrics.serverAuthoritative, isAuthoritative, server)
  if (serial !== undefined) sink.set(metrics.serverSerial, serial, server)
}

/** Asks all of them, some at once, so that those which do not answer leave time for the others. */
async function askAll(ctx: ProbeContext, request: DnsRequest, servers: readonly ZoneServer[]): Promise<Outcome[]> {
  const budgetMs = (ctx.remainingMs() * shareOfTime) / Math.ceil(servers.length / atOnce)
  const outcomes: Outcome[] = []
  const waiting = servers.values()
  const work = async () => {
    for (const server of waiting) {
      const outcome = await askZoneServer(ctx, request, server, budgetMs)
      report(ctx, outcome)
      outcomes.push(outcome)
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, work))
  const broken = ended.find(({ status }) => status === 'rejected')
  if (broken?.status === 'rejected') throw broken.reason
  return outcomes
}

/** How the target, which has answered already, stands among the servers; nothing when it is one that was asked. */
function ownOutcome({ way, queryName, ...place }: DnsRequest, { server, reply }: Asked, others: readonly Outcome[]) {
  if (others.some(({ at }) => at?.address === server.address && at.port === server.port)) return []
  return [tellOf(targetLabel(place, way.transport), server, reply.message, queryName.name)]
}

/**
 * Asks the servers of a zone for its SOA record and compares their serial numbers with each other and with that of the
 * target. Returns what is wrong, or undefined. Throws `DnsFailure('other')` with the reason `denied` when the policy
 * refuses one of them.
 */
export async function compareZone(
  ctx: ProbeContext,
  request: DnsRequest,
  soa: SoaConfig,
  target: Asked,
): Promise<string | undefined> {
  const servers = await findServers(ctx, request, soa, target)
  if (servers.length === 0) return 'the target has no NS records of the zone'
  const others = await askAll(ctx, request, servers)
  const own = ownOutcome(request, target, others)
  for (const outcome of own) report(ctx, outcome)
  const { lag, isConsistent, faults } = compareServers([...own, ...others], soa)
  if (lag !== undefined) ctx.metrics.set(metrics.serialLag, lag)
  ctx.metrics.set(metrics.consistent, isConsistent)
  for (const { label, denied } of others) {
    if (denied === undefined) continue
    throw new DnsFailure('other', `${label}: ${denied.message}`, { reason: 'denied', cause: denied })
  }
  return faults.length === 0 ? undefined : safeText(faults.join('; '), maxMessage)
}
