import { resolveTarget, setAddress } from '../../kit/net/address.ts'
import { familyOfSource } from '../../kit/net/connect-options.ts'
import { missingFiles, readNamed } from '../../kit/net/files.ts'
import { authWarnings } from '../../kit/net/http/auth-options.ts'
import type { Connection } from '../../kit/net/http/connection.ts'
import { credentialsOf } from '../../kit/net/http/credentials.ts'
import { headerWarnings } from '../../kit/net/http/header-options.ts'
import { filesNamedBy, filesOfHeaders } from '../../kit/net/http/headers.ts'
import { type PreparedJob, prepareJob } from '../../kit/net/http/job.ts'
import { leavesNameToProxy } from '../../kit/net/http/place.ts'
import { statusWarnings } from '../../kit/net/http/request-options.ts'
import { type HttpEvents, runJob } from '../../kit/net/http/run-job.ts'
import { authorized } from '../../kit/net/oauth2/authorize.ts'
import { oauth2Warnings } from '../../kit/net/oauth2/options.ts'
import { proxyWarnings } from '../../kit/net/proxy/options.ts'
import { tlsWarnings } from '../../kit/net/tls/context.ts'
import { defineProber, type ProbeContext } from '../../kit/prober.ts'
import { judge } from './judge.ts'
import { createReport, type HttpReport, metrics } from './metrics.ts'
import { followsRedirects, type HttpOptions, options, withAuth } from './options.ts'
import { accept, type HttpTarget } from './target.ts'

const maxRequestBodyBytes = 16 * 2 ** 20

function unavailable(http: HttpOptions): string | undefined {
  if (http.enable_http3) return 'enable_http3 is not possible: Node has no HTTP/3'
  return undefined
}

function warnings(http: HttpOptions): readonly string[] {
  return [
    ...(http.no_follow_redirects === undefined
      ? []
      : ['no_follow_redirects is deprecated: use follow_redirects, with the opposite value']),
    ...statusWarnings(http.valid_status_codes),
    ...headerWarnings(http.headers),
    ...authWarnings(http, http.headers),
    ...missingFiles({ body_file: http.body_file, ...filesOfHeaders('headers', http.headers), ...filesNamedBy(http) }),
    ...tlsWarnings(http.tls_config),
    ...proxyWarnings(http),
    ...oauth2Warnings(http.oauth2),
  ]
}

async function requestBody(http: HttpOptions, signal: AbortSignal): Promise<Uint8Array | undefined> {
  if (http.body_file) return (await readNamed(http, http.body_file, maxRequestBodyBytes, signal)).octets
  return http.body ? Buffer.from(http.body) : undefined
}

async function prepare(
  ctx: ProbeContext,
  { url, destination, path, host }: HttpTarget,
  http: HttpOptions,
  { requestBegins }: HttpReport,
): Promise<PreparedJob> {
  const job = {
    url,
    path,
    method: http.method,
    host,
    virtualHost: destination.virtualHost,
    headers: http.headers,
    body: await requestBody(http, ctx.signal),
  }
  const transport = { ...http, follow_redirects: followsRedirects(http) }
  return authorized(await prepareJob(job, transport, ctx.signal, requestBegins), ctx)
}

async function findTarget(ctx: ProbeContext, { destination }: HttpTarget, http: HttpOptions, { phases }: HttpReport) {
  phases.begin('resolve')
  const address = await resolveTarget(destination, http, ctx, familyOfSource(http))
  phases.end()
  return address
}

/** Asks the target, and judges what it answers. */
async function ask(ctx: ProbeContext, target: HttpTarget, http: HttpOptions, report: HttpReport, events: HttpEvents) {
  const address = leavesNameToProxy(target.url, target.destination, http, ctx)
    ? undefined
    : await findTarget(ctx, target, http, report)
  const job = await prepare(ctx, target, http, report)
  const answer = await runJob(job, address, events, ctx)
  report.answered(answer.response, answer.tls)
  await judge(answer, http, report, ctx)
}

async function probe(ctx: ProbeContext, target: HttpTarget, http: HttpOptions): Promise<void> {
  const report = createReport(ctx.metrics, http)
  const { phases } = report
  let open: Connection | undefined
  const events: HttpEvents = {
    phases,
    opened: connection => {
      open = connection
    },
    connected: address => setAddress(ctx.metrics, address),
    refused: report.handshake,
    redirected: report.redirected,
  }
  const onAbort = () => {
    ctx.log.info('aborted', { phase: phases.current ?? 'preparation' })
    report.failedIn(phases.current)
    phases.end()
  }
  ctx.signal.addEventListener('abort', onAbort, { once: true })
  try {
    await ask(ctx, target, http, report, events)
  } catch (error) {
    if (phases.current !== undefined) report.failedIn(phases.current)
    throw error
  } finally {
    ctx.signal.removeEventListener('abort', onAbort)
    phases.end()
    open?.destroy()
  }
}

export const http = defineProber({
  name: 'http',
  options,
  metrics,
  params: () => ['hostname'],
  unavailable,
  warnings,
  credentials: options => credentialsOf(options, options.headers),
  withAuth,
  accept,
  probe,
})
