import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/programs.ts'
import { folderWith } from './support.ts'

const main = new URL('../../dist/main.js', import.meta.url).pathname

/** The built command line as a process of its own. */
function start(args: readonly string[], nodeFlags: readonly string[] = []) {
  const child = spawn(process.execPath, [...nodeFlags, main, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(child, 'exit').then(([code]) => code as number)
  return { child, ended, stdout: text(child.stdout).catch(() => 'broken off'), stderr: text(child.stderr) }
}

/** A server that takes connections and says nothing. */
async function silentServer() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  return Object.assign(server, {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  })
}

const modules = 'modules: {http_2xx: {prober: http}}\n'

describe('the process of a probe', { timeout: 60_000 }, () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it with %i: the report is printed, no half file is left', async (signal, code) => {
    await using folder = await folderWith(modules)
    await using server = await silentServer()
    await using out = await temporaryFolder()
    const report = join(out.path, 'report.json')
    const targets = ['http://127.0.0.1:1/', server.url]
    const args = ['probe', '--config.file', folder.file, '--concurrency=1', '-f', 'tap', '--report', `json=${report}`]
    const running = start([...args, ...targets])
    await once(server, 'connection')
    running.child.kill(signal)
    expect(await running.ended).toBe(code)
    expect(await running.stdout).toMatch(
      /^not ok 1 - http_2xx http:\/\/127\.0\.0\.1:1\/[\s\S]*^ok 2 .* # SKIP not run$[\s\S]*^Bail out!/m,
    )
    expect(await readdir(out.path)).toEqual(['report.json'])
  })

  test('an error that reaches nobody is 3, no verdict on the target', async () => {
    await using folder = await folderWith(modules)
    await using server = await silentServer()
    const fault = "data:text/javascript,process.on('SIGUSR2', () => { throw new Error('boom') })"
    const running = start(['probe', '--config.file', folder.file, server.url], ['--import', fault])
    await once(server, 'connection')
    running.child.kill('SIGUSR2')
    expect(await running.ended).toBe(3)
    expect(await running.stderr).toContain('internal error: Error: boom\n    at ')
  })

  test('targets from standard input; exit code 1', async () => {
    await using folder = await folderWith(modules)
    const running = start(['probe', '--config.file', folder.file, '-f', 'quiet', '-'])
    running.child.stdin.end('http://127.0.0.1:1/\n')
    expect(await running.ended).toBe(1)
    expect(await running.stderr).toBe('')
  })

  test('a reader that has gone does not change the exit code', async () => {
    await using folder = await folderWith(modules)
    const targets = Array.from({ length: 200 }, (_, index) => `http://127.0.0.1:1/${index}`)
    const running = start(['probe', '--config.file', folder.file, '-f', 'json', '--concurrency=50', ...targets])
    running.child.stdout.destroy()
    expect(await running.ended).toBe(1)
    expect(await running.stderr).toBe('')
  })

  test('a report that finds no room is 3, whatever it says', async () => {
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [main, 'completion', 'bash'], { stdio: ['ignore', full, 'pipe'] })
    closeSync(full)
    const stderr = text(child.stderr!)
    expect((await once(child, 'exit'))[0]).toBe(3)
    expect(await stderr).toMatch(/^error: cannot write to standard output: ENOSPC/)
  })

  test('a whole report gets through a slow pipe', async () => {
    await using folder = await folderWith(modules)
    const targets = Array.from({ length: 200 }, (_, index) => `http://127.0.0.1:1/${index}`)
    const running = start(['probe', '--config.file', folder.file, '-f', 'json', '--concurrency=50', ...targets])
    expect(JSON.parse(await running.stdout).results).toHaveLength(200)
    expect(await running.ended).toBe(1)
  })
})
