import { appendFileSync, copyFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { isEarlier, type Known, LeaseCache, type PartIdentity } from '../../../src/probers/dhcp/cache.ts'
import { formats } from '../../../src/probers/dhcp/formats/detect.ts'
import { noFacts } from '../../../src/probers/dhcp/formats/format.ts'
import { codeOf, Leases } from '../../../src/probers/dhcp/leases.ts'
import { test } from '../../support/files.ts'
import { active, type Direct, type DirectOptions, probeDirectly, readings } from './direct.ts'
import { iscBlock, keaHeader, keaRow } from './generate.ts'

const at = 1795237457
const blocks = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => iscBlock(from + i, 'active')).join('')
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => keaRow(from + i, 0)).join('')
const line = (last: number) => `1795242070 02:00 10.0.0.${last} * *\n`

/** Makes a file look as if it had been written long ago, each time at another moment. */
let seconds = 1_700_000_000
function settle(file: string) {
  seconds++
  utimesSync(file, seconds, seconds)
}

function writeSettled(file: string, text: string) {
  writeFileSync(file, text)
  settle(file)
}

function appendSettled(file: string, text: string) {
  appendFileSync(file, text)
  settle(file)
}

const ask = (folder: string, file: string, more: Partial<DirectOptions> = {}) =>
  probeDirectly({ at, ...more, file, options: { roots: [folder], ...more.options } })

describe('a file that did not change', () => {
  test.for([
    ['isc-dhcpd', blocks(0, 20), 20],
    ['kea-csv', keaHeader + rows(0, 20), 20],
    ['dnsmasq', line(1) + line(2), 2],
  ] as const)('is not read again: %s', async ([format, text, leases], { folder }) => {
    const file = join(folder, 'leases')
    writeSettled(file, text)
    const first = await ask(folder, file, { options: { format } })
    const second = await ask(folder, file, { options: { format } })
    expect([readings(first), readings(second)]).toEqual([['current from 0'], []])
    expect([active(first), active(second)]).toEqual([leases, leases])
    const parse = 'probe_dhcp_lease_file_parse_duration_seconds'
    expect(second.value(parse)).toBe(first.value(parse))
  })

  test('is judged at the instant of the probe', async ({ folder }) => {
    const file = join(folder, 'leases')
    writeSettled(file, line(1))
    expect(active(await ask(folder, file, { at: 1795242069 }))).toBe(1)
    const later = await ask(folder, file, { at: 1795242070 })
    expect([active(later), readings(later)]).toEqual([0, []])
    expect(later.value('probe_dhcp_leases_overdue', { family: 'ipv4' })).toBe(1)
  })

  test('is read once for each way to read it', async ({ folder }) => {
    const file = join(folder, 'leases')
    writeSettled(file, blocks(0, 3))
    await ask(folder, file)
    await expect(ask(folder, file, { options: { family: 'ipv6' } })).rejects.toThrow('expected ipv6')
    await expect(ask(folder, file, { options: { max_entries: 2 } })).rejects.toThrow('more than 2 entries')
    await expect(ask(folder, file, { options: { format: 'dnsmasq' } })).rejects.toThrow('looks like isc-dhcpd')
    expect(readings(await ask(folder, file))).toEqual([])
  })

  test('but is gone, or cannot be read, fails', async ({ folder }) => {
    const file = join(folder, 'leases')
    writeSettled(file, blocks(0, 3))
    await ask(folder, file)
    renameSync(file, `${file}.old`)
    await expect(ask(folder, file)).rejects.toThrow('no such file')
    renameSync(`${file}.old`, file)
    await expect(ask(join(folder, 'other'), file)).rejects.toThrow()
  })

  test('but may have been written again in the same second, by a clock of seconds, is read again', async ({
    folder,
  }) => {
    const file = join(folder, 'leases')
    // So much ahead that it stays near for some seconds, also on a busy machine.
    const second = Math.floor(Date.now() / 1000) + 2
    for (const [end, leases] of [
      [at + 60, 1],
      [at - 60, 0],
    ] as const) {
      writeFileSync(file, `${end} 02:00 10.0.0.1 * *\n`)
      utimesSync(file, second, second)
      expect(active(await ask(folder, file))).toBe(leases)
    }
  })

  test('but was written just before it was read is read again', async ({ folder }) => {
    const file = join(folder, 'leases')
    // On a busy machine the file may be no longer young when it is looked at.
    const seen = new Set<number | undefined>()
    for (let i = 0; i < 5 && !seen.has(2); i++) {
      writeFileSync(file, blocks(0, 2))
      const soon = Date.now() / 1000 + 0.045
      utimesSync(file, soon, soon)
      await ask(folder, file)
      writeFileSync(file, blocks(0, 2).replace('state active', 'state backup'))
      utimesSync(file, soon, soon)
      seen.add(active(await ask(folder, file)) === 1 ? 2 : 1)
    }
    expect(seen).toContain(2)
  })
})

describe('what was appended', () => {
  test('to a file of dhcpd is all that is read', async ({ folder }) => {
    const file = join(folder, 'leases')
    writeSettled(file, blocks(0, 20))
    await ask(folder, file)
    for (let i = 20; i < 25; i++) {
      const size = statSync(file).size
      appendSettled(file, blocks(i, i + 1) + iscBlock(0, 'backup'))
      const answer = await ask(folder, file)
      // The last octet is the newline behind a block.
      expect(readings(answer)).toEqual([`current from ${size - 1}`])
      expect(active(answer)).toBe(i)
    }
    expect((await ask(folder, file)).value('probe_dhcp_lease_file_entries')).toBe(30)
  })

  test('to a file of Kea, in pieces of any size', async ({ folder }) => {
    const file = join(folder, 'kea-leases4.csv')
    const text = keaHeader + rows(0, 60)
    writeSettled(file, text.slice(0, keaHeader.length))
    await ask(folder, file)
    for (let from = keaHeader.length; from < text.length; from += 97) {
      appendSettled(file, text.slice(from, from + 97))
      const answer = await ask(folder, file)
      const whole = text.slice(0, from + 97).split('\n').length - 2
      expect(active(answer)).toBe(whole)
      expect(answer.value('probe_dhcp_lease_file_incomplete_tail')).toBe(
        text[from + 96] === '\n' || from + 97 >= text.length ? 0 : 1,
      )
      expect(readings(answer)[0]).not.toBe('current from 0')
    }
  })

  test('to the current file of a set leaves the others alone', async ({ folder }) => {
    const file = join(folder, 'kea-leases4.csv')
    writeSettled(`${file}.2`, keaHeader + rows(0, 30))
    writeSettled(`${file}.1`, keaHeader + rows(30, 40))
    writeSettled(file, keaHeader)
    expect(readings(await ask(folder, file))).toEqual(['2 from 0', '1 from 0', 'current from 0'])
    appendSettled(file, rows(40, 50) + keaRow(0, 3))
    const answer = await ask(folder, file)
    expect(readings(answer)).toEqual([`current from ${keaHeader.length}`])
    expect(active(answer)).toBe(49)
    appendSettled(`${file}.1`, rows(50, 60))
    const whole = await ask(folder, file)
    expect([readings(whole).length, active(whole)]).toEqual([3, 59])
    // The next cleanup.
    rmSync(`${file}.1`)
    renameSync(file, `${file}.1`)
    writeSettled(file, keaHeader + rows(70, 75))
    const next = await ask(folder, file)
    expect([readings(next).length, active(next)]).toEqual([3, 44])
  })

  test('to a file of dnsmasq is not enough, as it is written again as a whole', async ({ folder }) => {
    const file = join(folder, 'leases')
    writeSettled(file, line(1))
    await ask(folder, file)
    appendSettled(file, line(2))
    const answer = await ask(folder, file)
    expect([readings(answer), active(answer)]).toEqual([['current from 0'], 2])
  })

  test('that goes beyond max_entries fails, again and again', async ({ folder }) => {
    const file = join(folder, 'leases')
    writeSettled(file, blocks(0, 3))
    const options = { max_entries: 4 }
    await ask(folder, file, { options })
    appendSettled(file, blocks(3, 5))
    for (let i = 0; i < 3; i++) await expect(ask(folder, file, { options })).rejects.toThrow('more than 4 entries')
  })
})

test('a probe that saw less of the file than another one does not take its place', async ({ folder }) => {
  const file = join(folder, 'leases')
  writeSettled(file, blocks(0, 20))
  let other: Promise<Direct> | undefined
  const slow = await ask(folder, file, {
    onStep: message => {
      if (message !== 'opened the lease file' || other !== undefined) return
      appendSettled(file, blocks(20, 21))
      other = ask(folder, file)
    },
  })
  expect([20, 21]).toContain(active(slow))
  expect(active(await other!)).toBe(21)
  const last = await ask(folder, file)
  expect([readings(last), active(last)]).toEqual([[], 21])
})

test('an earlier state of a file is one with less in its last part', () => {
  const part = (size: number, ino = 1, mtimeNs = 5n): PartIdentity => ({
    name: 'current',
    stats: { dev: 1n, ino: BigInt(ino), size: BigInt(size), mtimeNs },
  })
  const known = { parts: [{ ...part(100), isSettled: true }] } as Pick<Known, 'parts'>
  expect(isEarlier([part(99)], known)).toBe(true)
  expect(isEarlier([part(100)], known)).toBe(false)
  expect(isEarlier([part(101)], known)).toBe(false)
  expect(isEarlier([part(99, 2)], known)).toBe(false)
  expect(isEarlier([part(99, 1, 6n)], known)).toBe(false)
  expect(isEarlier([{ ...part(99), name: '1' }], known)).toBe(false)
  expect(isEarlier([], known)).toBe(false)
})

describe('a file that is another one now is read as a whole', () => {
  const before = blocks(0, 20)
  test.for<[string, (file: string) => void, number]>([
    ['by a copy over it, which keeps its inode', file => writeFileSync(file, blocks(5, 50)), 45],
    [
      'by its last octets alone',
      file => writeFileSync(file, before.replace(/h19";\n}\n$/, 'h18";\n}\n') + blocks(20, 30)),
      30,
    ],
    ['as it became shorter', file => writeFileSync(file, blocks(0, 4)), 4],
    [
      'as it was replaced',
      file => [writeFileSync(`${file}.new`, before + blocks(30, 31)), renameSync(`${file}.new`, file)],
      21,
    ],
    ['as it was copied away and cut', file => [copyFileSync(file, `${file}.old`), writeFileSync(file, '')], 0],
    [
      'as it was written again with the size it had',
      file => writeFileSync(file, before.replace('state active', 'state backup')),
      19,
    ],
  ])('%s', async ([, change, leases], { folder }) => {
    const file = join(folder, 'leases')
    const options = { format: 'isc-dhcpd' }
    writeSettled(file, before)
    await ask(folder, file, { options })
    change(file)
    settle(file)
    const answer = await ask(folder, file, { options })
    expect([readings(answer), active(answer)]).toEqual([['current from 0'], leases])
  })
})

describe('the cache', () => {
  const known = (leases: number): Known => {
    const own = new Leases({ maxEntries: 1e6, keepsDetails: false })
    for (let i = 0; i < leases; i++) own.putIpv4(i, codeOf('active'), at)
    const file = { format: formats['isc-dhcpd'], leases: own, facts: noFacts, changed: false, parseMs: 1 }
    return { file, parts: [], sideFacts: [], appendable: undefined }
  }

  test('forgets what was asked for least recently once it is full', () => {
    const bytes = known(1000).file.leases.bytes
    const cache = new LeaseCache(3.5 * bytes + 4 * 4096)
    const kept = () => ['a', 'b', 'c', 'd', 'e', 'f'].filter(key => cache.get(key) !== undefined).join('')
    for (const key of ['a', 'b', 'c']) cache.put(key, known(1000))
    cache.get('a')
    cache.put('d', known(1000))
    expect(kept()).toBe('acd')
    cache.put('e', known(1000))
    expect(kept()).toBe('cde')
    // In the place of a large one.
    cache.put('e', known(10))
    cache.put('f', known(1000))
    expect(kept()).toBe('cdef')
  })

  test('does not keep what is larger than itself, nor what it held before under that name', () => {
    const cache = new LeaseCache(50_000)
    cache.put('a', known(10))
    cache.put('b', known(10))
    cache.put('a', known(10_000))
    expect([cache.get('a'), cache.get('b') !== undefined]).toEqual([undefined, true])
  })
})
