import { execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { openRegular } from '../../../src/kit/files/open.ts'
import { FileRefused } from '../../../src/kit/files/refused.ts'
import { isAdmitted, resolveTarget } from '../../../src/kit/files/resolve.ts'
import { createRoots } from '../../../src/kit/files/roots.ts'
import { fdsBelow, openBelow, test, whileLooping } from '../../support/files.ts'

const inside = 'x'.repeat(11)
const outside = 'x'.repeat(7777)

/** A root with files, and a place outside of it. */
function prepare(folder: string) {
  const [root, secret] = [join(folder, 'root'), join(folder, 'secret')]
  for (const path of [root, join(root, 'sub'), secret]) mkdirSync(path)
  writeFileSync(join(root, 'sub/leases'), inside)
  writeFileSync(join(secret, 'leases'), outside)
  execFileSync('mkfifo', [join(secret, 'fifo')])
  return { root, secret }
}

/** Opens the file over and over; returns what came of it and every size that was told. */
async function openOften(root: string, target: string, symlinks: 'within_roots' | 'deny' = 'within_roots') {
  const outcomes = new Set<string>()
  const sizes = new Set<number>()
  const { signal } = new AbortController()
  const policy = { roots: createRoots([root]), symlinks } as const
  const endMs = performance.now() + 1500
  const lastMs = endMs + 6000 // a busy machine may need longer to come through at all
  while (performance.now() < (outcomes.has('11') ? endMs : lastMs)) {
    try {
      const { handle, stats } = await openRegular({
        signal,
        resolve: () => resolveTarget(target, policy),
        isAdmitted: (path, real) => isAdmitted(path, real, policy),
        onStats: ({ size }) => sizes.add(Number(size)),
      })
      const isFile = (await handle.stat()).isFile()
      await handle.close()
      outcomes.add(isFile ? `${stats.size}` : 'no file')
    } catch (error) {
      outcomes.add(error instanceof FileRefused ? error.reason : String((error as NodeJS.ErrnoException).code))
    }
  }
  return { outcomes: [...outcomes], sizes: [...sizes] }
}

/** Swaps what `path` names: a file that is written, a link that is made, a FIFO. */
const swap = (path: string, second: string) => `
  function step(i) {
    if (i % 2) ${second}
    else fs.writeFileSync(dir + '/next', 'x'.repeat(11))
    fs.renameSync(dir + '/next', dir + '/root/${path}')
    if (i % 400 < 2) pause(3) // now and then what stands there stays, else hardly any opening comes through
  }`

/** Swaps the folder of the file and a link to another. */
const swapFolder = (destination: string) => `
  fs.symlinkSync('${destination}', dir + '/root/link')
  function step(i) {
    fs.renameSync(dir + '/root/sub', dir + '/root/own')
    fs.renameSync(dir + '/root/link', dir + '/root/sub')
    fs.renameSync(dir + '/root/sub', dir + '/root/link')
    fs.renameSync(dir + '/root/own', dir + '/root/sub')
    if (i % 200 === 0) pause(3)
  }`

const fine = ['11', 'outside_roots', 'not_regular_file', 'read_error', 'ENOENT']

test('a file and a link that leads out take turns', async ({ folder }) => {
  const { root } = prepare(folder)
  const link = `fs.symlinkSync('../../secret/leases', dir + '/next')`
  await whileLooping(folder, swap('sub/leases', link), async () => {
    const { outcomes, sizes } = await openOften(root, join(root, 'sub/leases'))
    expect(outcomes).toContain('11')
    expect(outcomes.filter(outcome => !fine.includes(outcome))).toEqual([])
    expect(sizes).toEqual([11])
  })
  expect(openBelow(folder)).toEqual([])
})

test('a folder and a link that leads out take turns', async ({ folder }) => {
  const { root } = prepare(folder)
  await whileLooping(folder, swapFolder('../secret'), async () => {
    const { outcomes, sizes } = await openOften(root, join(root, 'sub/leases'))
    expect(outcomes).toContain('11')
    expect(outcomes.filter(outcome => !fine.includes(outcome))).toEqual([])
    expect(sizes).toEqual([11])
  })
  expect(openBelow(folder)).toEqual([])
})

test('a file and a FIFO take turns', async ({ folder }) => {
  const { root } = prepare(folder)
  const script = swap('sub/leases', `fs.linkSync(dir + '/secret/fifo', dir + '/next')`)
  await whileLooping(folder, script, async () => {
    const { outcomes, sizes } = await openOften(root, join(root, 'sub/leases'))
    expect(outcomes).toContain('11')
    expect(outcomes.filter(outcome => !fine.includes(outcome))).toEqual([])
    expect(sizes).toEqual([11])
  })
  expect(openBelow(folder)).toEqual([])
})

test('what a link leads to is not even opened', async ({ folder }) => {
  const { root, secret } = prepare(folder)
  const opened = join(folder, 'opened')
  // Blocks until somebody opens the FIFO for reading.
  const writer = spawn('sh', ['-c', `: >${secret}/fifo; : >${opened}`], { stdio: 'ignore' })
  const script = swap('sub/leases', `fs.symlinkSync('../../secret/fifo', dir + '/next')`)
  try {
    await whileLooping(folder, script, async () => {
      await openOften(root, join(root, 'sub/leases'))
    })
    await sleep(20)
    expect(existsSync(opened)).toBe(false)
  } finally {
    writer.kill('SIGKILL')
  }
})

test.for([
  ['file', swap('sub/leases', `fs.symlinkSync('../other/leases', dir + '/next')`)],
  ['folder', swapFolder('other')],
] as const)('symlinks: deny never opens what a link within the root leads to, %s', async ([, script], { folder }) => {
  const { root } = prepare(folder)
  mkdirSync(join(root, 'other'))
  writeFileSync(join(root, 'other/leases'), outside)
  await whileLooping(folder, script, async () => {
    const { outcomes, sizes } = await openOften(root, join(root, 'sub/leases'), 'deny')
    expect(outcomes).toEqual(expect.arrayContaining(['11', 'symlink']))
    expect(outcomes.filter(outcome => !['symlink', ...fine].includes(outcome))).toEqual([])
    expect(sizes).toEqual([11])
  })
})

test('a close that fails after an abort troubles nobody', async ({ folder }) => {
  const { root } = prepare(folder)
  const path = join(root, 'sub/leases')
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  let closed = 0
  for (let turns = 0; closed < 5; turns = (turns + 1) % 20) {
    const controller = new AbortController()
    const opened = openRegular({
      signal: controller.signal,
      resolve: async () => path,
      isAdmitted: async () => true,
      onStats: () => undefined,
    })
    for (let turn = 0; turn < turns; turn++) await setImmediate()
    if (openBelow(folder).length === 0) {
      controller.abort(new Error('gone'))
      // Should it be on the way, take it away as soon as it is there: closing it again fails.
      const endMs = performance.now() + 5
      while (performance.now() < endMs && openBelow(folder).length === 0);
      for (const fd of fdsBelow(folder)) {
        closeSync(fd)
        closed++
      }
    }
    await opened.then(
      ({ handle }) => handle.close(),
      () => undefined,
    )
  }
  await sleep(20)
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})
