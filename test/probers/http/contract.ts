import { createServer } from 'node:http'
import type { Contract } from '../../support/contract.ts'
import { listen } from '../../support/listen.ts'

export async function contract(): Promise<Contract> {
  const server = createServer((request, response) => {
    if (request.url === '/ok') response.end('fine')
    else if (request.url === '/missing') response.writeHead(404).end()
  })
  const listening = await listen(server)
  const url = `http://${listening.host}`
  return {
    section: { preferred_ip_protocol: 'ip4' },
    healthy: `${url}/ok`,
    hanging: `${url}/hangs`,
    failing: `${url}/missing`,
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  }
}
