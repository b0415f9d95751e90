import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compareSync } from 'bcryptjs'
import { expect } from 'vitest'
import { freePort, start, temporaryFolder, testWith, until } from '../support/programs.ts'
import { ask } from '../support/web-client.ts'

const main = new URL('../../dist/main.js', import.meta.url).pathname

testWith('systemd-socket-activate')('sockets that systemd hands over', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'modules.yaml')
  await writeFile(file, 'modules: {}\n')
  const [port, socketPath] = [await freePort(), join(folder.path, 'sonde.sock')]
  const listen = ['-l', `127.0.0.1:${port}`, '-l', socketPath]
  const sonde = [process.execPath, main, 'serve', `--config.file=${file}`, '--web.systemd-socket']
  await using running = await start('systemd-socket-activate', [...listen, ...sonde], output =>
    output.includes('Listening on'),
  )
  // The first connection starts it, and waits until it listens.
  expect((await ask(`http://127.0.0.1:${port}/-/healthy`)).text).toBe('Healthy\n')
  expect((await ask('http://localhost/-/healthy', { socketPath })).text).toBe('Healthy\n')
  expect(running.output()).toContain(`address=http://127.0.0.1:${port}`)
  expect(running.output()).toContain('address=fd://4')
  expect(await running.stop()).toBe(0)
})

testWith('script')('hash-password asks a terminal twice and shows nothing', async () => {
  const child = spawn('script', ['-qec', `${process.execPath} ${main} hash-password --cost=4`, '/dev/null'])
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (data: string) => {
    output += data
  })
  const ended = once(child, 'close')
  await until(() => output.includes('Password: '))
  child.stdin.write('hunter3\u007f2\r')
  await until(() => output.includes('Again: '))
  child.stdin.write('hunter2\r')
  expect((await ended)[0]).toBe(0)
  expect(output).not.toContain('hunter')
  const [hash = ''] = /\$2b\$04\$[./A-Za-z0-9]{53}/.exec(output) ?? []
  expect(compareSync('hunter2', hash)).toBe(true)
})
