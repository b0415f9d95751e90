import { describe, expect, test } from 'vitest'
import { connectOptions } from '../../../../src/kit/net/connect-options.ts'
import { exchange } from '../../../../src/kit/net/http/exchange.ts'
import { httpClientOptions } from '../../../../src/kit/net/http/options.ts'
import { addressOptions, z } from '../../../../src/kit/options.ts'
import { redirecting } from '../../../probers/http/support.ts'
import { until } from '../../../support/programs.ts'
import { serve, serveRaw } from '../../../support/servers.ts'
import { context } from '../oauth2/support.ts'

const schema = z.strictObject({ ...httpClientOptions, ...addressOptions, ...connectOptions })

const get = (text: string, options: Readonly<Record<string, unknown>> = {}, ctx = context(), limitBytes = 1000) => {
  const url = new URL(text)
  const job = { url, path: url.pathname, method: 'GET', headers: { 'X-A': 'b' }, host: undefined, body: undefined }
  return exchange(job, schema.parse(options), ctx, { limitBytes })
}

describe('exchange', () => {
  test('gives status, headers and the whole body, and closes the connection', async () => {
    await using server = await serve((_asked, response) => response.writeHead(404, { 'X-B': 'c' }).end('none'))
    const { status, headers, body } = await get(`http://${server.host}/a`, { basic_auth: { username: 'me' } })
    expect([status, headers.get('x-b'), body.toString()]).toEqual([404, ['c'], 'none'])
    expect(server.asked).toMatchObject([{ method: 'GET', url: '/a', headers: { 'x-a': 'b' } }])
    expect(server.asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:').toString('base64')}`)
    await until(() => server.connections.size === 0)
  })

  test('follows redirects if it is to', async () => {
    await using server = await serve(redirecting)
    const url = `http://${server.host}/to/302/%2Ffine`
    expect((await get(url)).body.toString()).toBe('fine')
    expect((await get(url, { follow_redirects: false })).status).toBe(302)
  })

  test('gives up after ten of them', async () => {
    await using server = await serve((_asked, response) => response.writeHead(302, { location: '/' }).end())
    await expect(get(`http://${server.host}/`)).rejects.toMatchObject({
      reason: 'protocol',
      message: 'more than 10 redirects',
    })
  })

  test('refuses a body above its limit', async () => {
    await using server = await serve((_asked, response) => response.end('x'.repeat(1001)))
    await expect(get(`http://${server.host}/`)).rejects.toMatchObject({ reason: 'too_large' })
    await until(() => server.connections.size === 0)
  })

  test('asks the policy', async () => {
    await expect(get('http://169.254.169.254/')).rejects.toMatchObject({ reason: 'address' })
  })

  test.each(['', 'HTTP/1.1 200 OK\r\n\r\n'])('ends with the signal: %j', async said => {
    await using server = await serveRaw(socket => socket.once('data', () => socket.write(said)))
    const ctx = context()
    const answer = get(`http://${server.host}/`, {}, ctx).catch((error: unknown) => error)
    await until(() => server.connections.size === 1)
    const reason = new Error('enough')
    ctx.abort(reason)
    expect(await answer).toBe(reason)
    await until(() => server.connections.size === 0)
  })
})
