import type { RequestListener, ServerResponse } from 'node:http'
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import type { Logger } from '../engine/logger.ts'
import type { SelfMetrics } from '../engine/self-metrics.ts'
import { BadRequest } from '../kit/failure.ts'
import { allowMethods, send, sendMetrics, sendPage, sendText, sendUnavailable } from './answer.ts'
import { createLogsRoute } from './history/logs-route.ts'
import { createLanding } from './pages/landing.ts'
import { answerWithPage } from './pages/result.ts'
import { style } from './pages/style.ts'
import { createProbeRoute, type ProbeRouteDeps } from './probe-route.ts'
import type { WebOptions } from './web-options.ts'

export interface AppDeps extends ProbeRouteDeps {
  readonly web: WebOptions
  readonly metrics: SelfMetrics
  readonly log: Logger
  /** Loads the configuration anew; throws when that fails. */
  readonly reload: () => Promise<unknown>
}

// Probes go past Express, which gives each request another prototype: on Node 20 that is a fifth of the time of a probe.
const isProbe = /^\/probe(?:\?|$)/

const notFound = (response: ServerResponse) => sendText(response, 404, 'not found')

/** The routes of sonde; unknown paths are 404. */
export function createApp(deps: AppDeps): RequestListener {
  const { web } = deps
  let scrapes = 0
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.enable('case sensitive routing')
  app.enable('strict routing')

  const onGet = (path: string, handler: RequestHandler) =>
    app.all(path, (request, response, next) =>
      allowMethods(request, response, 'GET', 'HEAD') ? handler(request, response, next) : undefined,
    )

  const probe = createProbeRoute(deps)
  app.all('/probe', probe)
  onGet(web.telemetryPath, async (request, response) => {
    if (web.maxRequests > 0 && scrapes >= web.maxRequests) {
      return sendUnavailable(response, `${web.maxRequests} requests for metrics are being answered`)
    }
    scrapes++
    response.once('close', () => scrapes--)
    await sendMetrics(request, response, await deps.metrics.render())
  })
  onGet('/logs', createLogsRoute(deps.history))
  onGet('/config', (request, response) => sendPage(request, response, deps.current()?.describe() ?? ''))
  onGet('/-/healthy', (_request, response) => sendText(response, 200, 'Healthy'))
  onGet('/-/ready', (_request, response) => {
    if (deps.isDraining()) sendUnavailable(response, 'shutting down')
    else if (deps.current() === undefined) sendUnavailable(response, 'no configuration yet')
    else sendText(response, 200, 'Ready')
  })
  onGet('/', createLanding(deps))
  onGet('/ui/probe', createProbeRoute(deps, answerWithPage(deps.current, web)))
  onGet('/ui/style.css', (_request, response) => send(response, 200, 'text/css; charset=utf-8', style))
  app.all('/-/reload', (request, response) => {
    if (!web.hasLifecycle) sendText(response, 403, 'refused: lifecycle (--web.enable-lifecycle is off)')
    else if (allowMethods(request, response, 'POST')) return reload(response)
    return undefined
  })
  app.use((_request, response) => notFound(response))
  app.use(onError)
  return (request, response) => {
    if (isProbe.test(request.url ?? '')) void probe(request, response)
    // Of a path that it cannot parse, Express makes a page of its own unless there is somebody after it.
    else app(request as Request, response as Response, () => notFound(response))
  }

  async function reload(response: Response) {
    try {
      await deps.reload()
      sendText(response, 200, 'reloaded')
    } catch (error) {
      sendText(response, 500, `failed to reload config: ${(error as Error).message.replaceAll('\n', '; ')}`)
    }
  }

  // Express tells an error handler by its four parameters.
  function onError(
    error: Error & { readonly status?: number },
    _request: Request,
    response: Response,
    next: NextFunction,
  ) {
    if (response.headersSent) next(error)
    else if (error instanceof BadRequest) sendText(response, 400, error.message)
    else if ((error.status ?? 500) < 500) sendText(response, error.status ?? 400, 'malformed request')
    else {
      deps.metrics.bug()
      deps.log.error('internal error', { status: 500, error: error.stack ?? error.message })
      sendText(response, 500, 'internal error')
    }
  }
}
