import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const answerJson = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(body)}\n`)

/** What the shop says: one that is well, and one whose orders pile up. */
const shop = (queue: number) => ({
  state: 'open',
  queue,
  branches: [
    { id: 7, orders: 1203 },
    { id: 9, orders: 355 },
  ],
})
const answers: Readonly<Record<string, unknown>> = {
  '/health': { status: 'ok', queue: 3 },
  '/shop/stats': shop(4),
  '/busy/shop/stats': shop(4711),
  '/shop/branches': [
    { id: 7, name: 'north' },
    { id: 9, name: 'south' },
  ],
}

/** A small HTTP API on loopback: healthy paths, one that moved, one that is ill, one that hangs. */
export async function startHttpApi() {
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? '']
    if (answer !== undefined) answerJson(response, 200, answer)
    else if (request.url === '/old-health') response.writeHead(302, { Location: '/health' }).end()
    else if (request.url === '/degraded') answerJson(response, 503, { status: 'degraded', queue: 4711 })
    else if (request.url !== '/hangs') answerJson(response, 404, { error: 'no such path' })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}`, close }
}
