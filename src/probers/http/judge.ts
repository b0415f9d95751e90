import { ProbeFailure } from '../../kit/failure.ts'
import { type BodyRules, readBody } from '../../kit/net/http/body.ts'
import { logBody } from '../../kit/net/http/log.ts'
import type { HttpAnswer } from '../../kit/net/http/run-job.ts'
import type { LogFields, ProbeContext } from '../../kit/prober.ts'
import type { ContentCheck } from './body-fault.ts'
import { checkStatus, checkTls, checkVersion } from './check.ts'
import { checkBody, checkHeaders, type Finding, firstBodyCheck } from './content-check.ts'
import type { HttpReport } from './metrics.ts'
import type { HttpOptions } from './options.ts'

/** Reports which check did not pass: what cannot be read, or not be judged in time, has not passed the first there is. */
async function reported(
  finding: Promise<Finding | undefined>,
  first: ContentCheck | undefined,
  report: HttpReport,
): Promise<ProbeFailure | undefined> {
  try {
    const found = await finding
    if (found !== undefined) report.failedDueTo(found.check)
    return found?.failure
  } catch (error) {
    if (first !== undefined) report.failedDueTo(first)
    if (error instanceof ProbeFailure) return error
    throw error
  }
}

async function judgeBody({ response }: HttpAnswer, rules: BodyRules, http: HttpOptions, signal: AbortSignal) {
  const body = await readBody(response, rules, signal)
  return rules.keep ? checkBody(http, body, signal) : undefined
}

/**
 * Judges an answer. The checks run in blackbox_exporter's order and the first failure counts; those of headers and
 * body are left out when the status has decided already, as there.
 */
export async function judge(
  answer: HttpAnswer,
  http: HttpOptions,
  report: HttpReport,
  { log, signal }: ProbeContext,
): Promise<void> {
  const { response, tls, isBeyondLimit, discretion } = answer
  let failure: ProbeFailure | undefined
  const step = (name: string, seen: LogFields, found: ProbeFailure | undefined) => {
    log.debug(`checked the ${name}`, { ...seen, verdict: found?.message ?? 'accepted' })
    failure ??= found
  }
  step('status', { status: response.status }, checkStatus(http, response.status, isBeyondLimit))
  if (failure === undefined) {
    step('headers', {}, await reported(checkHeaders(http, response.headers, signal), 'regex', report))
  }

  const firstCheck = failure === undefined ? firstBodyCheck(http) : undefined
  const keep = firstCheck !== undefined
  let bytes = 0
  const rules: BodyRules = {
    coding: http.compression || 'identity',
    limitBytes: http.body_size_limit || undefined,
    keep,
    counted(soFar) {
      bytes = soFar
      report.bodyRead(soFar)
    },
    head: octets => logBody(log, octets, discretion),
  }
  const fault = await reported(judgeBody(answer, rules, http, signal), firstCheck, report)
  step('body', { bytes, against: keep ? 'patterns and CEL' : 'the size limit alone' }, fault)
  report.phases.end()

  step('version', { version: response.version }, checkVersion(http, response.version))
  if (failure === undefined || tls !== undefined) {
    step('use of TLS', { tls: tls !== undefined }, checkTls(http, tls !== undefined))
  }
  if (failure !== undefined) throw failure
}
