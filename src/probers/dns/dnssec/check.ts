import { formatDuration } from '../../../kit/duration.ts'
import type { ProbeContext } from '../../../kit/prober.ts'
import { type Asked, askServer, withRetries } from '../ask.ts'
import type { Check, Judged } from '../checks/check.ts'
import type { DnsRequest } from '../request.ts'
import { noWatch } from '../transport/server.ts'
import { typeName } from '../wire/iana.ts'
import type { Message, Question } from '../wire/message.ts'
import { nameText } from '../wire/name.ts'
import { type Finding, finding } from './finding.ts'
import { setSignatures, setStatus } from './metrics.ts'
import type { DnssecConfig } from './options.ts'
import { resolverFinding } from './resolver.ts'
import { readSignature, type Signature } from './rrset.ts'
import { expiresAtSeconds } from './times.ts'
import { type Validation, validate } from './validate.ts'
import { createWork } from './work.ts'

/** The signatures of an answer: those of its answer and authority sections. */
const signaturesOf = ({ answer, authority }: Message): readonly Signature[] =>
  [...answer, ...authority].flatMap(record => readSignature(record) ?? [])

async function assess(
  ctx: ProbeContext,
  { config, queryName, queryType, way }: DnsRequest,
  dnssec: DnssecConfig,
  { server, reply: { message } }: Asked,
  breathe: Judged['breathe'],
): Promise<Validation> {
  if (dnssec.validate === 'none') {
    const unchecked = finding('unchecked', 'nothing checks signatures')
    return { finding: dnssec.require_ad ? resolverFinding(message) : unchecked, keySignatures: [] }
  }
  const fetch = async (question: Question) => {
    ctx.log.debug('asking what signatures rest on', { name: nameText(question.name), type: typeName(question.type) })
    const ask = (inner: ProbeContext) => askServer(server, question, config, way, noWatch, inner)
    return (await withRetries(ctx, config.retries, ask)).reply.message
  }
  const question = { name: queryName.name, type: queryType, class: config.query_class }
  const anchors = dnssec.validate === 'anchor' ? dnssec.anchors.map(({ anchor }) => anchor) : undefined
  return validate(message, question, { fetch, anchors, work: createWork(ctx.now(), breathe) })
}

function lifetimeFault(signatures: readonly Signature[], leastMs: number, nowMs: number): string | undefined {
  if (signatures.length === 0) return 'min_signature_lifetime: the answer has no signature'
  const nowSeconds = Math.floor(nowMs / 1000)
  const [first] = signatures
    .map(signature => ({ type: signature.typeCovered, endsMs: expiresAtSeconds(signature, nowSeconds) * 1000 }))
    .sort((a, b) => a.endsMs - b.endsMs)
  if (first === undefined || first.endsMs - nowMs >= leastMs) return undefined
  const end = new Date(first.endsMs).toISOString().replace('.000Z', 'Z')
  return `the signature over ${typeName(first.type)} ends at ${end}, in less than ${formatDuration(leastMs)}`
}

function faultOf(
  { require_ad, validate: mode, min_signature_lifetime: least }: DnssecConfig,
  message: Message,
  { status, message: why }: Finding,
  signatures: readonly Signature[],
  nowMs: number,
): string | undefined {
  if (require_ad && !message.flags.ad) return resolverFinding(message).message
  if (mode !== 'none' && status !== 'secure') return `${status}: ${why}`
  return least === undefined ? undefined : lifetimeFault(signatures, least, nowMs)
}

/**
 * `dnssec`: looks at the signatures of an answer, asking the same server for keys where it must. Metrics tell of
 * signatures also without the option. Throws like `askServer`.
 */
export const dnssec: Check = async ({ ctx, request, asked, breathe }) => {
  const { dnssec: config } = request.config
  const { message } = asked.reply
  const nowMs = ctx.now()
  const nowSeconds = Math.floor(nowMs / 1000)
  const own = signaturesOf(message)
  setSignatures(ctx.metrics, own, nowSeconds)
  if (config === undefined) return []
  const { finding: found, keySignatures } = await assess(ctx, request, config, asked, breathe)
  const signatures = [...own, ...keySignatures]
  setSignatures(ctx.metrics, signatures, nowSeconds)
  setStatus(ctx.metrics, found.status)
  ctx.log.debug('looked at the signatures', { status: found.status, signatures: signatures.length, why: found.message })
  return [{ check: 'dnssec', fault: faultOf(config, message, found, signatures, nowMs) }]
}
