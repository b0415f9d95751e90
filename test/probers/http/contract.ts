import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Contract } from '../../support/contract.ts'

export async function contract(): Promise<Contract> {
  const server = createServer((request, response) => {
    if (request.url === '/ok') response.end('fine')
    else if (request.url === '/missing') response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    section: { preferred_ip_protocol: 'ip4' },
    healthy: `${url}/ok`,
    hanging: `${url}/hangs`,
    failing: `${url}/missing`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
