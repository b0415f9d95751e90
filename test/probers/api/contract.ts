import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Contract } from '../../support/contract.ts'

export async function contract(): Promise<Contract> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost')
    if (pathname.startsWith('/ok/')) response.end('{"queue": 3, "items": [{"id": "a", "n": 1}], "at": 1657568506}')
    else if (pathname.startsWith('/missing/')) response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    section: {
      preferred_ip_protocol: 'ip4',
      requests: { stats: { path: 'stats' }, more: { path: 'more', required: false } },
      metrics: [
        { name: 'app_queue', type: 'gauge', value: '$.queue', timestamp: { path: '$.at', parse: 'unix' } },
        { name: 'app_items', items: '$.items[*]', value: '.n', labels: { id: '{.id}' } },
        { name: 'app_lost', value: '$.lost' },
      ],
      checks: [{ name: 'queue', path: '$.queue', max: 10 }],
    },
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
