import { mkdirSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createRoots, isWithinRoots } from '../../../src/kit/files/roots.ts'
import { test } from '../../support/files.ts'

test('a root that holds the path by text is tried first, and each is looked up once', async ({ folder }) => {
  const [own, first, second, link] = ['own', 'first', 'second', 'link'].map(name => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ]
  for (const path of [own, first, second]) mkdirSync(path)
  const roots = createRoots([link, own])
  expect(await isWithinRoots(join(own, 'leases'), roots)).toBe(true)
  // The other one was not looked up so far: it was not there.
  symlinkSync(first, link)
  expect(await isWithinRoots(join(first, 'leases'), roots)).toBe(true)
  symlinkSync(second, join(folder, 'next'))
  renameSync(join(folder, 'next'), link)
  expect(await isWithinRoots(join(first, 'leases'), roots)).toBe(true)
  expect(await isWithinRoots(join(second, 'leases'), roots)).toBe(false)
  expect(await isWithinRoots(join(second, 'leases'), createRoots([link, own]))).toBe(true)
})
