import { createServer } from 'node:http'
import type { Contract } from '../../support/contract.ts'
import { listen } from '../../support/listen.ts'

export async function contract(): Promise<Contract> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost')
    if (pathname.startsWith('/ok/')) response.end('{"queue": 3, "items": [{"id": "a", "n": 1}], "at": 1657568506}')
    else if (pathname.startsWith('/missing/')) response.writeHead(404).end()
  })
  const listening = await listen(server)
  const url = `http://${listening.host}`
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
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  }
}
