import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, copyFileSync, openSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect } from 'vitest'
import { test } from '../../support/files.ts'
import { startSonde } from '../../support/sonde.ts'
import { fixtureRoot } from './reading.ts'
import { moduleOf } from './support.ts'

const limit = Number(execFileSync('sh', ['-c', 'ulimit -Hn']))

/** Sends a request on a connection that is kept; returns the beginning of the answer. */
async function get(socket: Socket, path: string): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  const [answer] = await once(socket, 'data')
  return String(answer)
}

test.skipIf(!(limit <= 200_000))(
  'without a free descriptor the answer is 503, not a failed probe',
  async ({ folder }) => {
    const file = join(folder, 'dhcpd.leases')
    copyFileSync(join(fixtureRoot, 'isc-dhcpd/v4-small.leases'), file)
    await using sonde = await startSonde(moduleOf(`roots: [${folder}]`))
    const { hostname, port } = new URL(sonde.url)
    const socket = connect(Number(port), hostname)
    const opened: number[] = []
    const path = `/probe?module=m&target=${file}`
    try {
      expect(await get(socket, path)).toMatch(/^HTTP\/1\.1 200 /)
      expect(() => {
        for (;;) opened.push(openSync('/dev/null', 'r'))
      }).toThrow(/EMFILE/)
      expect(await get(socket, path)).toMatch(/^HTTP\/1\.1 503 /)
    } finally {
      for (const fd of opened) closeSync(fd)
      socket.destroy()
    }
  },
)
