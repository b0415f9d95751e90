import type { RequestListener, ServerResponse } from 'node:http'
import { sendText } from './answer.ts'
import type { WebOptions } from './web-options.ts'

function redirect(response: ServerResponse, status: number, location: string): void {
  response.setHeader('Location', location)
  sendText(response, status, `see ${location}`)
}

/** Serves everything below the prefix, and a way there from `/`, as blackbox_exporter does. */
export function underPrefix({ routePrefix, externalUrl }: WebOptions, handler: RequestListener): RequestListener {
  if (routePrefix === '') return handler
  const home = `${routePrefix}/`
  return (request, response) => {
    const { url = '' } = request
    if (url.startsWith(home)) {
      request.url = url.slice(routePrefix.length)
      handler(request, response)
    } else if (url === '/') redirect(response, 302, externalUrl ?? home)
    else if (url === routePrefix || url.startsWith(`${routePrefix}?`)) {
      redirect(response, 301, `${home}${url.slice(routePrefix.length)}`)
    } else sendText(response, 404, 'not found')
  }
}
