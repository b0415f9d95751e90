import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/programs.ts'
import { startSonde } from '../support/sonde.ts'
import { runHere } from './support.ts'

const ask = (...args: readonly string[]) => runHere(['healthcheck', ...args])

const healthy: RequestListener = ({ url, headers }, response) => {
  response.statusCode = url === '/prefix/-/healthy' && headers.authorization === undefined ? 200 : 404
  response.end('ok')
}

async function serve(server: ReturnType<typeof createServer>, path?: string) {
  await once(path === undefined ? server.listen(0, '127.0.0.1') : server.listen(path), 'listening')
  const port = path === undefined ? (server.address() as AddressInfo).port : 0
  return { port, [Symbol.asyncDispose]: async () => void server.close().closeAllConnections() }
}

describe('sonde healthcheck', () => {
  test('0 and a word when it is healthy', async () => {
    await using sonde = await startSonde('modules: {}')
    expect(await ask('--url', sonde.url)).toEqual({ status: 0, stdout: 'healthy\n', stderr: '' })
    expect(await ask(`--url=${sonde.url}/`)).toMatchObject({ status: 0 })
  })

  test('a route prefix, and what is not 200', async () => {
    await using server = await serve(createServer(healthy))
    const url = `http://127.0.0.1:${server.port}`
    expect((await ask('--url', `${url}/prefix/`)).status).toBe(0)
    expect(await ask('--url', url)).toEqual({ status: 1, stdout: '', stderr: 'not healthy: status 404\n' })
  })

  test('a unix socket', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'a socket')
    await using _server = await serve(
      createServer(({ url }, response) => response.writeHead(url === '/-/healthy' ? 200 : 404).end()),
      path,
    )
    expect((await ask('--url', `unix://${path}`)).status).toBe(0)
    expect((await ask('--url', `unix://${path}.nope`)).stderr).toContain('not healthy: connect ENOENT')
  })

  test('a certificate is verified unless --insecure says otherwise', async () => {
    const file = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url))
    const server = createTlsServer({ key: file('self-signed.key'), cert: file('self-signed.crt') }, healthy)
    await using secured = await serve(server)
    const url = `https://localhost:${secured.port}/prefix`
    expect((await ask('--url', url)).status).toBe(1)
    expect((await ask('--url', url, '--insecure')).status).toBe(0)
  })

  test('nobody there, or nobody who answers in time: 1', async () => {
    expect((await ask('--url=http://127.0.0.1:1')).stderr).toContain('ECONNREFUSED')
    await using silent = await serve(createServer(() => undefined))
    const { status, stderr } = await ask('--timeout=50ms', '--url', `http://127.0.0.1:${silent.port}`)
    expect(status).toBe(1)
    expect(stderr).toMatch(/^not healthy: .*(abort|timeout)/)
  })

  test.each(['ftp://x', 'localhost:9115', 'unix://host/x', 'unix:x', ''])('bad usage: %j', async url => {
    expect(await ask(`--url=${url}`)).toMatchObject({ status: 2, stderr: expect.stringContaining('malformed --url') })
  })
})
