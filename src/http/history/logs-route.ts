import type { IncomingMessage, ServerResponse } from 'node:http'
import { BadRequest } from '../../kit/failure.ts'
import { sendJson, sendPage, sendText } from '../answer.ts'
import { isAsked, queryOf } from '../probe-call.ts'
import { readFilter } from './filter.ts'
import type { History, PastProbe } from './history.ts'
import { listJson, listText, pastJson, pastText } from './shown.ts'

const defaultLimit = 100

/** The one probe that a query asks for: by `id`, or the newest of a `target`. Undefined: there is none. */
function requested(history: History, query: URLSearchParams): PastProbe | undefined {
  const id = query.get('id')
  if (id === null) return history.newest(readFilter(query, defaultLimit))
  if (query.has('target')) throw new BadRequest('expected id or target, not both')
  if (!/^\d{1,15}$/.test(id)) throw new BadRequest('malformed id: expected a number')
  return history.byId(Number(id))
}

/**
 * Builds the handler of `/logs`: with `id` or `target` the story of one probe, as `debug=true` tells it; else, or when
 * there is a `limit`, a line for each probe, newest first. Throws `BadRequest`.
 */
export function createLogsRoute(history: History | undefined) {
  async function answer(request: IncomingMessage, response: ServerResponse, history: History) {
    const query = queryOf(request)
    const isJson = isAsked(query, 'format', 'json')
    if (!query.has('id') && (query.has('limit') || !query.has('target'))) {
      const probes = history.list(readFilter(query, defaultLimit))
      if (isJson) return sendJson(request, response, listJson(probes))
      return sendPage(request, response, listText(probes))
    }
    const past = requested(history, query)
    if (past === undefined) return sendText(response, 404, 'no such probe in the history')
    if (isJson) return sendJson(request, response, pastJson(past))
    return sendPage(request, response, pastText(past))
  }

  return (request: IncomingMessage, response: ServerResponse): void | Promise<void> =>
    history === undefined
      ? sendText(response, 404, 'no history is kept, as --history.limit is 0')
      : answer(request, response, history)
}
