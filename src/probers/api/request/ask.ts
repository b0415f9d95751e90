import { extname } from 'node:path'
import { Denied } from '../../../kit/failure.ts'
import type { ResolvedAddress } from '../../../kit/net/address.ts'
import type { HttpJob } from '../../../kit/net/http/job.ts'
import { destinationOf } from '../../../kit/net/target.ts'
import type { ProbeContext } from '../../../kit/prober.ts'
import { charsetOf, detectFormat } from '../document/content-type.ts'
import type { Answer } from '../extract/answer.ts'
import type { Section } from '../options/section.ts'
import { type ApiTarget, fileFor, type UrlTarget } from '../target.ts'
import { buildJob } from './build.ts'
import type { PlannedRequest } from './plan.ts'
import { readFileBelow } from './read-file.ts'
import { type SendEvents, send } from './send.ts'
import type { Values } from './template.ts'

/** What one request is made with. */
export interface Question {
  readonly planned: PlannedRequest
  readonly target: ApiTarget
  readonly section: Section
  readonly values: Values
  readonly events: SendEvents
  /** The address of the target, looked up once for all of its requests: a session lives on one server. */
  readonly address: () => Promise<ResolvedAddress>
}

const typeByExtension: Readonly<Record<string, string>> = { '.json': 'application/json', '.xml': 'text/xml' }

async function askFile(path: string, question: Question, { signal, now, log }: ProbeContext): Promise<Answer> {
  const { planned, section, values, events } = question
  const { phases } = events
  const file = fileFor(path, planned.path, values, section.roots)
  phases.begin('transfer')
  const octets = await readFileBelow(file, section.roots, planned.limitBytes, signal).finally(phases.end)
  events.bodyRead(octets.length)
  log.debug('read the file', { bytes: octets.length })
  const type = typeByExtension[extname(file).toLowerCase()]
  const format = planned.format === 'auto' ? detectFormat(type, octets) : planned.format
  return { octets, format, meta: { sizeBytes: octets.length }, nowMs: now() }
}

/** The policy judges the URL of each request, and the addresses that it leads to. */
function judge({ url, path }: HttpJob, { address, others }: ResolvedAddress, { policy }: ProbeContext): void {
  const judged = policy.judge(destinationOf(url, path))
  if (![address, ...others.map(other => other.address)].every(one => judged.allows(one))) throw new Denied('address')
}

async function askUrl(target: UrlTarget, question: Question, ctx: ProbeContext): Promise<Answer> {
  const { planned, section, values, events } = question
  const startedMs = performance.now()
  let notAfterMs: number | undefined
  const noting: SendEvents = {
    ...events,
    handshake(facts) {
      notAfterMs = facts.certificate?.earliestExpiryMs
      events.handshake(facts)
    },
  }
  events.phases.begin('resolve')
  const address = await question.address().finally(events.phases.end)
  const job = await buildJob(planned, target, values)
  judge(job, address, ctx)
  const transport = { ...section, ...planned.client }
  const { octets, status, headers } = await send(job, address, planned, transport, noting, ctx)
  const type = headers.get('content-type')?.[0]
  return {
    octets,
    format: planned.format === 'auto' ? detectFormat(type, octets) : planned.format,
    charset: charsetOf(type),
    meta: {
      statusCode: status,
      durationSeconds: (performance.now() - startedMs) / 1000,
      sizeBytes: octets.length,
      tlsNotAfterSeconds: notAfterMs === undefined ? undefined : notAfterMs / 1000,
      headers,
    },
    nowMs: ctx.now(),
  }
}

/** Gets the answer to one request. Throws what sending it, or reading the file, throws. */
export const ask = (question: Question, ctx: ProbeContext): Promise<Answer> =>
  question.target.kind === 'file'
    ? askFile(question.target.path, question, ctx)
    : askUrl(question.target, question, ctx)
