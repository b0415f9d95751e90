import { appendFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { hasSetChanged, type PartName, suffixes } from '../../../src/probers/dhcp/kea-set.ts'
import { test } from '../../support/files.ts'

const open = (base: string, ...names: PartName[]) =>
  new Map(names.map(name => [name, statSync(base + suffixes[name], { bigint: true })]))

describe('after opening .2, .1 and current', () => {
  test.for<[string, (base: string) => void, boolean]>([
    ['nothing', () => undefined, false],
    ['an append to the current file', base => appendFileSync(base, 'x'), false],
    ['an output of the cleanup', base => writeFileSync(`${base}.output`, 'x'), false],
    ['a rotation', base => renameSync(base, `${base}.1`), true],
    ['a new current file', base => [renameSync(base, `${base}.old`), writeFileSync(base, 'current')], true],
    ['a finished cleanup', base => writeFileSync(`${base}.completed`, 'x'), true],
    ['.1 is gone', base => rmSync(`${base}.1`), true],
    ['.2 is another file', base => [rmSync(`${base}.2`), writeFileSync(`${base}.2`, 'other')], true],
    ['.2 was written', base => utimesSync(`${base}.2`, 1, 1), true],
  ])('%s', async ([, change, expected], { folder }) => {
    const base = join(folder, 'kea-leases4.csv')
    for (const suffix of ['', '.1', '.2']) writeFileSync(base + suffix, 'x')
    const opened = open(base, '2', '1', 'current')
    change(base)
    expect(await hasSetChanged(base, opened)).toBe(expected)
  })
})

test('with .completed, .2 and .1 do not matter', async ({ folder }) => {
  const base = join(folder, 'kea-leases4.csv')
  for (const suffix of ['', '.completed', '.1', '.2']) writeFileSync(base + suffix, 'x')
  const opened = open(base, 'completed', 'current')
  rmSync(`${base}.1`)
  rmSync(`${base}.2`)
  expect(await hasSetChanged(base, opened)).toBe(false)
  renameSync(`${base}.completed`, `${base}.2`)
  expect(await hasSetChanged(base, opened)).toBe(true)
})

test('a current file that was missing and is there now', async ({ folder }) => {
  const base = join(folder, 'kea-leases4.csv')
  writeFileSync(`${base}.2`, 'x')
  const opened = open(base, '2')
  expect(await hasSetChanged(base, opened)).toBe(false)
  writeFileSync(base, 'x')
  expect(await hasSetChanged(base, opened)).toBe(true)
})
