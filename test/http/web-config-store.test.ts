import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { hashSync } from 'bcryptjs'
import { expect, test } from 'vitest'
import { readWebConfig } from '../../src/config/web-config.ts'
import { createLogger } from '../../src/engine/logger.ts'
import { listen } from '../../src/http/server.ts'
import { createGate } from '../../src/http/web-config/gate.ts'
import { createWebConfigStore } from '../../src/http/web-config/store.ts'
import { ask, login } from '../support/web-client.ts'
import { certificates } from '../support/web-configs.ts'

const users = (password: string) => `basic_auth_users: {alice: ${hashSync(password, 4)}}\n`
const tls = 'tls_server_config: {cert_file: a.crt, key_file: a.key}\n'

/** A server whose web configuration is looked at every few milliseconds. */
async function startWatched(text: string, everyMs = 10) {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-test-'))
  const file = join(folder, 'web.yml')
  const write = async (content: string) => {
    await writeFile(`${file}.new`, content)
    await rename(`${file}.new`, file)
  }
  const use = (kind: 'crt' | 'key', name: string, as = 'a') =>
    copyFile(`${certificates}${name}.${kind}`, join(folder, `${as}.${kind}`))
  await use('crt', 'self-signed')
  await use('key', 'self-signed')
  await write(text)
  const lines: string[] = []
  const log = createLogger({ level: 'debug', format: 'logfmt', write: line => void lines.push(line) })
  const store = createWebConfigStore(file, () => readWebConfig(file), log, everyMs)
  const useConfig = await store.prepare()
  useConfig()
  const stopWatching = store.watch()
  const handler = createGate(store, log)((_request, response) => void response.end('in'))
  const listeners = await listen(handler, [{ host: '127.0.0.1', port: 0 }], { tls: store.tls })
  const [url = ''] = listeners.urls
  return {
    file,
    lines,
    use,
    write,
    status: async (password: string) =>
      (await ask(url, { headers: login('alice', password), rejectUnauthorized: false })).status,
    /** The name in the certificate that it shows; undefined when there is no handshake. */
    certificate: () =>
      new Promise<string | undefined>(resolve => {
        const options = { port: Number(new URL(url).port), host: '127.0.0.1', rejectUnauthorized: false }
        const socket = connect(options, () => {
          resolve(String(socket.getPeerCertificate().subject.CN))
          socket.destroy()
        }).on('error', () => resolve(undefined))
      }),
    async [Symbol.asyncDispose]() {
      stopWatching()
      await listeners.drain(0, () => undefined)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

test('changed users are known soon, without a signal', async () => {
  await using server = await startWatched(users('one'))
  expect([await server.status('one'), await server.status('two')]).toEqual([200, 401])
  await server.write(users('two'))
  await expect.poll(() => server.status('two')).toBe(200)
  expect(await server.status('one')).toBe(401)
})

test('a file that breaks lets nobody in and is said once; one that is good again does', async () => {
  await using server = await startWatched(users('one'))
  await server.write('basic_auth_users: {alice: nonsense}')
  await expect.poll(() => server.status('one')).toBe(500)
  await rm(server.file)
  await expect.poll(() => server.lines.filter(line => line.includes('ENOENT'))).toHaveLength(1)
  expect(await server.status('one')).toBe(500)
  await server.write(users('one'))
  await expect.poll(() => server.status('one')).toBe(200)
  expect(server.lines.filter(line => line.includes('level=ERROR'))).toHaveLength(2)
})

test('a new certificate is served when its key is there, the old one until then', async () => {
  await using server = await startWatched(tls)
  expect(await server.certificate()).toBe('self-signed')
  await server.use('crt', 'client')
  await expect.poll(() => server.lines.join('')).toContain('the key belongs to another certificate')
  expect(await server.certificate()).toBe('self-signed')
  await server.use('key', 'client')
  await expect.poll(() => server.certificate()).toBe('client')
})

test('a certificate that breaks leaves the old one, and new users count all the same', async () => {
  await using server = await startWatched(users('one') + tls)
  await server.write(`${users('two')}tls_server_config: {cert_file: nope.crt, key_file: a.key}`)
  await expect.poll(() => server.status('two')).toBe(200)
  expect([await server.status('one'), await server.certificate()]).toEqual([401, 'self-signed'])
  const complaints = () => server.lines.filter(line => line.includes('cert_file: cannot be used: ENOENT'))
  expect(complaints()).toHaveLength(1)
})

test('no password is asked for without TLS while the first certificate cannot be used', async () => {
  await using server = await startWatched(users('one'))
  await server.write(`${users('one')}tls_server_config: {cert_file: b.crt, key_file: a.key}`)
  await expect.poll(() => server.status('one')).toBe(500)
  await server.use('crt', 'self-signed', 'b')
  await expect.poll(() => server.certificate()).toBe('self-signed')
})

test('what is still being written is not taken for the whole', async () => {
  await using server = await startWatched(users('one'), 400)
  const whole = users('two')
  const started = performance.now()
  // Each state is sound by itself: the empty one would let everybody in.
  while (performance.now() - started < 1300) {
    await writeFile(server.file, '')
    await new Promise(resolve => setImmediate(resolve))
    await writeFile(server.file, `# ${performance.now()}\n`)
  }
  await writeFile(server.file, whole)
  await expect.poll(() => server.status('two')).toBe(200)
  expect(server.lines.filter(line => line.includes('users=0'))).toEqual([])
  expect(await readFile(server.file, 'utf8')).toBe(whole)
})
