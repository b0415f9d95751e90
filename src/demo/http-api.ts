import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const answerJson = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(body)}\n`)

/** A small HTTP API on loopback: one healthy path, one that moved, one that is ill, one that hangs. */
export async function startHttpApi() {
  const server = createServer((request, response) => {
    if (request.url === '/health') answerJson(response, 200, { status: 'ok', queue: 3 })
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
