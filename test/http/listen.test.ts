import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseListenAddress, systemdSockets } from '../../src/http/listen-address.ts'
import { listen } from '../../src/http/server.ts'
import { ask } from '../support/web-client.ts'

describe('an address to listen on', () => {
  test.each([
    [':9115', { host: undefined, port: 9115 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:9115', { host: '::1', port: 9115 }],
    ['localhost:65535', { host: 'localhost', port: 65_535 }],
    ['unix:///run/sonde.sock', { path: '/run/sonde.sock' }],
    ['unix:/run/sonde.sock', { path: '/run/sonde.sock' }],
    [':65536', undefined],
    ['9115', undefined],
    ['unix://', undefined],
    ['unix://run/sonde.sock', undefined],
    ['unix:///run/', undefined],
    [`unix:///${'x'.repeat(107)}`, undefined],
    ['vsock://:9115', undefined],
  ])('%s', (text, address) => expect(parseListenAddress(text)).toEqual(address))
})

describe('sockets of systemd', () => {
  test('are counted from 3', () => {
    expect(systemdSockets({ LISTEN_PID: '7', LISTEN_FDS: '2' }, 7)).toEqual([{ fd: 3 }, { fd: 4 }])
  })

  test.each([
    [{}],
    [{ LISTEN_PID: '8', LISTEN_FDS: '1' }],
    [{ LISTEN_PID: '7' }],
    [{ LISTEN_PID: '7', LISTEN_FDS: '0' }],
    [{ LISTEN_PID: '7', LISTEN_FDS: 'x' }],
  ])('%j are none', env => {
    expect(() => systemdSockets(env, 7)).toThrow('systemd has handed no socket over')
  })
})

describe('a unix socket', () => {
  async function folder() {
    const path = await mkdtemp(join(tmpdir(), 'sonde-test-'))
    return { socket: join(path, 's'), [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
  }
  const open = (path: string) => listen((_request, response) => void response.end('here'), [{ path }])

  test('is there for owner and group while sonde runs, and gone after it', async () => {
    await using place = await folder()
    const listeners = await open(place.socket)
    expect(listeners.urls).toEqual([`unix://${place.socket}`])
    expect(statSync(place.socket).mode & 0o777).toBe(0o660)
    expect((await ask('http://localhost/', { socketPath: place.socket })).text).toBe('here')
    await listeners.drain(0, () => undefined)
    expect(existsSync(place.socket)).toBe(false)
  })

  test('that a dead process has left is taken over', async () => {
    await using place = await folder()
    const leave = `require('net').createServer().listen(${JSON.stringify(place.socket)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', leave])
    expect(existsSync(place.socket)).toBe(true)
    const listeners = await open(place.socket)
    expect((await ask('http://localhost/', { socketPath: place.socket })).text).toBe('here')
    await listeners.drain(0, () => undefined)
  })

  test('where somebody listens is left alone', async () => {
    await using place = await folder()
    const listeners = await open(place.socket)
    await expect(open(place.socket)).rejects.toThrow(`EADDRINUSE: somebody listens on ${place.socket}`)
    expect((await ask('http://localhost/', { socketPath: place.socket })).text).toBe('here')
    await listeners.drain(0, () => undefined)
  })

  test('never takes the place of a file', async () => {
    await using place = await folder()
    await writeFile(place.socket, 'precious')
    await expect(open(place.socket)).rejects.toThrow('is there and no socket')
  })

  test('in a folder that is not there is told so', async () => {
    await expect(open('/nonexistent/sonde.sock')).rejects.toThrow(
      "ENOENT: no such file or directory, stat '/nonexistent'",
    )
  })

  test('stands beside other addresses; when one cannot be had, none is left open', async () => {
    await using place = await folder()
    const taken = createServer().listen(0, '127.0.0.1')
    await expect.poll(() => taken.listening).toBe(true)
    const { port } = taken.address() as { readonly port: number }
    const handler = () => undefined
    await expect(listen(handler, [{ path: place.socket }, { host: '127.0.0.1', port }])).rejects.toThrow('EADDRINUSE')
    expect(existsSync(place.socket)).toBe(false)
    taken.close()
  })
})
