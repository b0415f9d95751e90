import { expect, test } from 'vitest'
import { serve } from '../../support/servers.ts'
import { probeApi } from './support.ts'

test('one request, one gauge', async () => {
  await using server = await serve((_request, response) => response.end('{"queue": 3}'))
  const answer = await probeApi(`http://${server.host}/base/`, {
    path: '/status',
    metrics: [{ name: 'app_queue', type: 'gauge', value: '$.queue' }],
  })
  expect(answer.value('app_queue')).toBe(3)
  expect(answer.value('probe_success')).toBe(1)
  expect(server.asked[0]?.url).toBe('/base/status')
})
