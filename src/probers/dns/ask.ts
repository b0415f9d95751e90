import { isIP } from 'node:net'
import { within } from '../../kit/abort.ts'
import { type Address, resolveTarget } from '../../kit/net/address.ts'
import { setTlsMetrics } from '../../kit/net/metrics.ts'
import type { HostPort } from '../../kit/net/target.ts'
import type { ProbeContext } from '../../kit/prober.ts'
import { composeQuery, newCookie } from './compose.ts'
import { DnsFailure, rethrow } from './failure.ts'
import * as metrics from './metrics.ts'
import type { DnsOptions } from './options.ts'
import type { DnsRequest } from './request.ts'
import { exchange, type Reply } from './transport/exchange.ts'
import type { ExchangeContext, Server, Watch, Way } from './transport/server.ts'
import { clientCookieBytes, readEdnsOptions } from './wire/edns-options.ts'
import { className, rcodeOf, typeName } from './wire/iana.ts'
import type { Message, Question } from './wire/message.ts'

/** An answer, and who gave it. */
export interface Asked {
  readonly server: Server
  readonly reply: Reply
  /** The cookie that went out; undefined when none did. */
  readonly cookie: Buffer | undefined
}

const maxLoggedStrays = 10
const badCookie = rcodeOf('BADCOOKIE')

/** A server at one of its addresses. Throws `DnsFailure('unreachable')` when that cannot be reached from our source. */
export function serverAt(
  { host, port }: HostPort,
  { address, family }: Address,
  { source_ip_address }: Pick<DnsOptions, 'source_ip_address'>,
): Server {
  const source = source_ip_address === '' ? undefined : source_ip_address
  if (source !== undefined && isIP(source) !== family) {
    throw new DnsFailure('unreachable', `source_ip_address ${source} cannot reach ${address}: another address family`)
  }
  return { host, address, family, port, source }
}

async function findServer(ctx: ProbeContext, request: DnsRequest, stopwatch: metrics.Stopwatch): Promise<Server> {
  stopwatch.start('resolve')
  const address = await resolveTarget(request.destination, request.config, ctx).catch(rethrow)
  return serverAt(request, address, request.config)
}

/** Turns what happens during the exchanges of a probe into metrics and log lines. */
function watchExchanges({ metrics: sink, log }: ProbeContext, stopwatch: metrics.Stopwatch): Watch {
  let ignored = 0
  return {
    phase: stopwatch.start,
    ignored(why) {
      sink.set(metrics.ignoredResponses, ++ignored)
      if (ignored <= maxLoggedStrays)
        log.debug('skipped a message that does not answer the query', { why, count: ignored })
    },
    fallsBack() {
      sink.set(metrics.truncated, 1)
      sink.set(metrics.tcpFallback, 1)
      log.debug('the answer over udp is truncated, asking again over tcp')
    },
    handshake(facts) {
      setTlsMetrics(sink, facts)
      log.debug('shook hands', { version: facts.version, cipher: facts.cipher, verdict: facts.verdict })
    },
    httpStatus: status => sink.set(metrics.httpStatusCode, status),
  }
}

/** The cookie to come back with when a server wants to see its own first (RFC 7873, 5.3). */
function cookieWanted({ rcode, edns }: Message, sent: Buffer | undefined): Buffer | undefined {
  if (rcode !== badCookie || edns === undefined || sent === undefined) return undefined
  const { cookie } = readEdnsOptions(edns)
  const isOurs = cookie?.subarray(0, clientCookieBytes).equals(sent)
  return isOurs && cookie !== undefined && cookie.length > clientCookieBytes ? cookie : undefined
}

/**
 * Asks a server a question the way a module says, once more when it wants to see its own cookie first. Throws
 * `DnsFailure` when the server is at fault.
 */
export async function askServer(
  server: Server,
  question: Question,
  config: DnsOptions,
  way: Way,
  watch: Watch,
  ctx: ExchangeContext,
): Promise<Asked> {
  const cookie = newCookie(config)
  const ask = (sent: Buffer | undefined) =>
    exchange(server, composeQuery(question, config, way.transport, sent), way, watch, ctx).catch(rethrow)
  const reply = await ask(cookie)
  const wanted = config.valid_rcodes.includes(badCookie) ? undefined : cookieWanted(reply.message, cookie)
  if (wanted === undefined) return { server, reply, cookie }
  ctx.log.debug('the server wants to see its cookie, asking again with it')
  return { server, reply: await ask(wanted), cookie }
}

const isTimeout = (error: unknown) => error instanceof DnsFailure && error.detail === 'timeout'

/**
 * Tries again when there is no answer; each try but the last has an even share of the time that is left. `work` gets
 * the number of the try, too.
 */
export async function withRetries<T>(
  ctx: ProbeContext,
  retries: number,
  work: (ctx: ProbeContext, attempt: number) => Promise<T>,
): Promise<T> {
  for (let left = retries; ; left--) {
    const attempt = retries - left + 1
    if (left === 0) return work(ctx, attempt)
    try {
      const late = () => new DnsFailure('timeout', 'no answer within its share of the time')
      return await within(ctx.remainingMs() / (left + 1), ctx.signal, late, signal => work({ ...ctx, signal }, attempt))
    } catch (error) {
      if (ctx.signal.aborted || !isTimeout(error)) throw error
      ctx.log.info('no answer, asking again', { attempt })
    }
  }
}

/**
 * Finds the server, sends it the query and waits for the answer; metrics and log tell how that went. Throws
 * `DnsFailure` when the target is at fault.
 */
export async function ask(ctx: ProbeContext, request: DnsRequest, stopwatch: metrics.Stopwatch): Promise<Asked> {
  const { config, way } = request
  const server = await findServer(ctx, request, stopwatch)
  const question = { name: request.queryName.name, type: request.queryType, class: config.query_class }
  ctx.log.debug('sending the query', {
    server: server.address,
    port: server.port,
    transport: way.transport,
    query_name: request.queryName.text,
    query_type: typeName(question.type),
    query_class: className(question.class),
    edns_udp_size: config.edns === false ? undefined : config.edns.udp_size,
  })
  ctx.metrics.set(metrics.ignoredResponses, 0)
  const watch = watchExchanges(ctx, stopwatch)
  const asked = await withRetries(ctx, config.retries, (inner, attempt) => {
    ctx.metrics.set(metrics.attempts, attempt)
    return askServer(server, question, config, way, watch, inner)
  })
  stopwatch.stop()
  return asked
}
