import { ProbeFailure } from '../../kit/failure.ts'
import { type BodyRules, readBody } from '../../kit/net/http/body.ts'
import { logBody } from '../../kit/net/http/log.ts'
import type { HttpAnswer } from '../../kit/net/http/run-job.ts'
import type { LogFields, ProbeContext } from '../../kit/prober.ts'
import { checkBody, firstBodyCheck } from './body-check.ts'
import { checkHeaders, checkStatus, checkTls, checkVersion } from './check.ts'
import type { HttpReport } from './metrics.ts'
import type { HttpOptions } from './options.ts'

/** Reads the body and checks it. One that cannot be read, or not in time, has not passed the first check there is. */
async function judgeBody(
  { response }: HttpAnswer,
  rules: BodyRules,
  http: HttpOptions,
  report: HttpReport,
  signal: AbortSignal,
): Promise<ProbeFailure | undefined> {
  try {
    const body = await readBody(response, rules, signal)
    const fault = rules.keep ? await checkBody(http, body, signal) : undefined
    if (fault !== undefined) report.failedDueTo(fault.check)
    return fault?.failure
  } catch (error) {
    const check = rules.keep ? firstBodyCheck(http) : undefined
    if (check !== undefined) report.failedDueTo(check)
    if (error instanceof ProbeFailure) return error
    throw error
  }
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
    return found !== undefined
  }
  step('status', { status: response.status }, checkStatus(http, response.status, isBeyondLimit))
  if (failure === undefined && step('headers', {}, checkHeaders(http, response.headers))) report.failedDueTo('regex')

  const keep = failure === undefined && firstBodyCheck(http) !== undefined
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
  const fault = await judgeBody(answer, rules, http, report, signal)
  step('body', { bytes, against: keep ? 'patterns and CEL' : 'the size limit alone' }, fault)
  report.phases.end()

  step('version', { version: response.version }, checkVersion(http, response.version))
  if (failure === undefined || tls !== undefined) {
    step('use of TLS', { tls: tls !== undefined }, checkTls(http, tls !== undefined))
  }
  if (failure !== undefined) throw failure
}
