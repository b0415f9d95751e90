import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test as base, expect } from 'vitest'

/** A test with a temporary folder of its own, which every user may enter. */
export const test = base.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest wants a pattern
  folder: async ({}, use) => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sonde-files-')))
    chmodSync(folder, 0o755)
    await use(folder)
    rmSync(folder, { recursive: true, force: true })
  },
})

/** The numbers of all descriptors. A test that closes what is not its own may have the listing's own one closed, too. */
function descriptors(): readonly string[] {
  try {
    return readdirSync('/proc/self/fd')
  } catch {
    return readdirSync('/proc/self/fd')
  }
}

/** What this process has open below a folder: descriptor and path. */
function openFiles(folder: string): (readonly [number, string])[] {
  return descriptors().flatMap(fd => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`)
      return path.startsWith(`${folder}/`) ? [[Number(fd), path] as const] : []
    } catch {
      return []
    }
  })
}

/** The paths below a folder that this process has open. */
export const openBelow = (folder: string): string[] => openFiles(folder).map(([, path]) => path)

/** Their descriptors. */
export const fdsBelow = (folder: string): number[] => openFiles(folder).map(([fd]) => fd)

/** Runs `script` in a process of its own, over and over, while `work` runs; it has `fs` and `dir`. */
export async function whileLooping(folder: string, script: string, work: () => Promise<void>): Promise<void> {
  const code = `const fs = require('node:fs'); const dir = ${JSON.stringify(folder)}
    const pause = ms => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
    ${script}
    for (let i = 0; ; i++) { step(i); if (i === 0) fs.writeFileSync(dir + '/started', '') }`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'inherit', 'inherit'] })
  const ended = new Promise(resolve => child.once('close', resolve))
  try {
    for (let waited = 0; !existsSync(join(folder, 'started')); waited += 10) {
      if (waited > 5000 || child.exitCode !== null) throw new Error('the writer does not start')
      await sleep(10)
    }
    await work()
    expect(child.exitCode).toBeNull()
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}
