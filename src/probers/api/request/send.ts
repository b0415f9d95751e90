import { ProbeFailure } from '../../../kit/failure.ts'
import type { ResolvedAddress } from '../../../kit/net/address.ts'
import { type BodyRules, readBody } from '../../../kit/net/http/body.ts'
import type { Connection } from '../../../kit/net/http/connection.ts'
import type { Coding } from '../../../kit/net/http/decode.ts'
import { type HttpJob, prepareJob, type Transport } from '../../../kit/net/http/job.ts'
import { logBody } from '../../../kit/net/http/log.ts'
import type { ReceivedHeaders } from '../../../kit/net/http/message.ts'
import { tooManyRedirects } from '../../../kit/net/http/redirects.ts'
import { acceptsStatus } from '../../../kit/net/http/request-options.ts'
import { type HttpAnswer, runJob } from '../../../kit/net/http/run-job.ts'
import { hasZstd } from '../../../kit/net/http/zstd.ts'
import { authorized } from '../../../kit/net/oauth2/authorize.ts'
import type { Phases } from '../../../kit/net/phases.ts'
import type { TlsFacts } from '../../../kit/net/tls/facts.ts'
import type { ProbeContext } from '../../../kit/prober.ts'
import { safeText } from '../../../kit/text.ts'
import type { PlannedRequest } from './plan.ts'

/** What a request was answered with. */
export interface Received {
  readonly octets: Uint8Array
  readonly status: number
  readonly headers: ReceivedHeaders
  readonly tls: TlsFacts | undefined
}

/** Is told about a request as it goes on, as the deadline may pass at any moment. */
export interface SendEvents {
  readonly phases: Phases
  /** Called for each handshake that told something, also for one that was refused. */
  readonly handshake: (facts: TlsFacts) => void
  readonly answered: (status: number) => void
  readonly bodyRead: (bytes: number) => void
}

/** An answer with a status that is not accepted. */
export class StatusFailure extends ProbeFailure {
  readonly status: number

  constructor(status: number) {
    super(status === 401 || status === 407 ? 'auth' : 'status', `status ${status} is not accepted`)
    this.status = status
  }
}

const codings: Readonly<Record<string, Coding | 'identity'>> = {
  '': 'identity',
  identity: 'identity',
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
  ...(hasZstd && { zstd: 'zstd' }),
}

/** Throws `ProbeFailure('protocol')` for a coding that cannot be undone. */
function codingOf(headers: ReceivedHeaders): Coding | 'identity' {
  const text = (headers.get('content-encoding') ?? []).join(', ').toLowerCase().trim()
  const coding = Object.hasOwn(codings, text) ? codings[text] : undefined
  if (coding !== undefined) return coding
  throw new ProbeFailure('protocol', `the body is in a coding that sonde does not know: ${safeText(text, 64)}`)
}

/** Where there is no body, there is nothing to decode, whatever the coding is called. */
async function readOctets(answer: HttpAnswer, rules: Omit<BodyRules, 'coding'>, signal: AbortSignal): Promise<Buffer> {
  const { response } = answer
  const coding = response.hasBody ? codingOf(response.headers) : 'identity'
  return readBody(response, { ...rules, coding }, signal)
}

async function judged(
  answer: HttpAnswer,
  { validStatus, limitBytes, extracts }: PlannedRequest,
  events: SendEvents,
  { log, signal }: ProbeContext,
): Promise<Received> {
  const { response, tls, isBeyondLimit, discretion } = answer
  const { status, headers } = response
  const isAccepted = acceptsStatus(validStatus, status)
  const rules = {
    limitBytes,
    keep: isAccepted,
    counted: events.bodyRead,
    // What is extracted goes into other requests, as passwords do.
    ...(extracts.length === 0 && { head: (octets: Uint8Array) => logBody(log, octets, discretion) }),
  }
  const reading = readOctets(answer, rules, signal)
  if (isAccepted) return { octets: await reading, status, headers, tls }
  await reading.catch(() => undefined) // the status has decided
  signal.throwIfAborted()
  if (isBeyondLimit) throw tooManyRedirects()
  throw new StatusFailure(status)
}

/**
 * Sends one request and reads the answer whole. Throws `StatusFailure`, what else the kit's HTTP throws, and the
 * signal's reason.
 */
export async function send(
  job: HttpJob,
  address: ResolvedAddress,
  planned: PlannedRequest,
  transport: Transport,
  events: SendEvents,
  ctx: ProbeContext,
): Promise<Received> {
  let open: Connection | undefined
  const { phases, handshake } = events
  const hopEvents = {
    phases,
    opened: (connection: Connection) => {
      open = connection
    },
    connected: () => undefined,
    refused: handshake,
    redirected: () => undefined,
  }
  try {
    const prepared = await authorized(await prepareJob(job, transport, ctx.signal), ctx)
    const answer = await runJob(prepared, address, hopEvents, ctx)
    if (answer.tls !== undefined) handshake(answer.tls)
    events.answered(answer.response.status)
    return await judged(answer, planned, events, ctx)
  } finally {
    phases.end()
    open?.destroy()
  }
}
