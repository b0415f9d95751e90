import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, describe, expect } from 'vitest'
import { missingFiles, readNamed, readNamedText } from '../../../src/kit/net/files.ts'

const test = base.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the parameter list
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'sonde-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
})

describe('readNamed', () => {
  test('gives the same object until the file changes', async ({ folder }) => {
    const owner = {}
    const path = join(folder, 'a')
    await writeFile(path, 'one')
    const first = await readNamed(owner, path, 100)
    expect(first.octets.toString()).toBe('one')
    expect(await readNamed(owner, path, 100)).toBe(first)
    await writeFile(path, 'three')
    expect((await readNamed(owner, path, 100)).octets.toString()).toBe('three')
  })

  test('sees another file of the same size and time under the name', async ({ folder }) => {
    const owner = {}
    const [path, other] = [join(folder, 'a'), join(folder, 'b')]
    await writeFile(path, 'one')
    await writeFile(other, 'two')
    for (const file of [path, other]) await utimes(file, 1000, 1000)
    expect((await readNamed(owner, path, 100)).octets.toString()).toBe('one')
    await rename(other, path)
    expect((await readNamed(owner, path, 100)).octets.toString()).toBe('two')
  })

  test('follows links, as secrets are mounted by them', async ({ folder }) => {
    await writeFile(join(folder, 'a'), ' text\n')
    await symlink(join(folder, 'a'), join(folder, 'link'))
    expect(await readNamedText({}, join(folder, 'link'))).toBe('text')
  })

  test('fails with the reason', async ({ folder }) => {
    const path = join(folder, 'a')
    await writeFile(path, 'one')
    await symlink(join(folder, 'loop'), join(folder, 'loop'))
    const read = (name: string, maxBytes = 100) => readNamed({}, name, maxBytes)
    await expect(read(join(folder, 'none'))).rejects.toMatchObject({ reason: 'not_found' })
    await expect(read(join(path, 'below'))).rejects.toMatchObject({ reason: 'not_found' })
    await expect(read(folder)).rejects.toMatchObject({ reason: 'denied' })
    await expect(read('/dev/zero')).rejects.toMatchObject({ reason: 'denied' })
    await expect(read(join(folder, 'loop'))).rejects.toMatchObject({ reason: 'denied' })
    await expect(read(path, 2)).rejects.toMatchObject({ reason: 'too_large' })
    await chmod(path, 0)
    if (process.getuid?.() !== 0) await expect(read(path)).rejects.toMatchObject({ reason: 'denied' })
  })

  test('does not wait for the writer of a FIFO', async ({ folder }) => {
    const path = join(folder, 'fifo')
    if (spawnSync('mkfifo', [path]).status !== 0) return
    await expect(readNamed({}, path, 100)).rejects.toMatchObject({ reason: 'denied' })
  })

  test('a file that is gone is not remembered', async ({ folder }) => {
    const owner = {}
    const path = join(folder, 'a')
    await writeFile(path, 'one')
    await readNamed(owner, path, 100)
    await rm(path)
    await expect(readNamed(owner, path, 100)).rejects.toMatchObject({ reason: 'not_found' })
  })
})

test('missingFiles names the option and the path', ({ folder }) => {
  expect(missingFiles({ a: undefined, b: '', c: folder, d: join(folder, 'none') })).toEqual([
    `d: file ${join(folder, 'none')} is missing`,
  ])
})
