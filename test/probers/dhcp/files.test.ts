import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { openBelow, test } from '../../support/files.ts'
import { type Answer, readAnswer } from '../../support/probe.ts'
import { startSonde } from '../../support/sonde.ts'
import { fixtureRoot } from './reading.ts'
import { ask, dhcpReason, moduleOf } from './support.ts'

const line = '1795242070 02:00 10.0.0.1 * *\n'
const at = 1795240000

/** Asks, and checks that no file below the folder stays open. */
async function askIn(folder: string, target: string, options = '', roots = [folder]): Promise<Answer> {
  const answer = await ask(`roots: ${JSON.stringify(roots)}${options}`, target, { at })
  expect(openBelow(folder)).toEqual([])
  return answer
}

const verdict = (answer: Answer) => [answer.status, answer.value('probe_success'), answer.reason, dhcpReason(answer)]

const refused = (reason: string) => [200, 0, 'denied', reason]

describe('by its text', () => {
  test.for([
    ['/etc/hostname', 403],
    ['/etc/no-such-file', 403],
    ['FOLDER', 403],
    ['FOLDER/leases', 403],
    ['FOLDER/root-other/leases', 403],
    ['FOLDER/root/../root/leases', 403],
    ['FOLDER/root/./leases', 403],
    ['FOLDER/root/..', 403],
    ['leases', 403],
    ['./leases', 403],
    ['file:///etc/passwd', 403],
    ['/proc/self/environ', 403],
    ['FOLDER/root/x\0y', 400],
    [`FOLDER/root/${'é'.repeat(2100)}`, 400],
    ['', 400],
  ] as const)('%.40s: %d', async ([target, status], { folder }) => {
    const answer = await askIn(folder, target.replace('FOLDER', folder), '', [join(folder, 'root')])
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.text.trim()).toBe('target refused by policy: path')
  })

  test('the same answer whether or not the file exists', async ({ folder }) => {
    writeFileSync(join(folder, 'there'), line)
    const answers = [await ask('roots: []', join(folder, 'there')), await ask('roots: []', join(folder, 'missing'))]
    expect(answers[0]?.text).toBe(answers[1]?.text)
    expect(answers.map(({ status }) => status)).toEqual([403, 403])
  })

  test('roots go by whole components; one may be a single file; several slashes are one', async ({ folder }) => {
    const file = join(folder, 'leases')
    for (const path of [file, `${file}2`]) writeFileSync(path, line)
    expect(verdict(await askIn(folder, file, '', [file]))).toEqual([200, 1, undefined, undefined])
    expect(verdict(await askIn(folder, file.replace('/leases', '//leases')))).toEqual([200, 1, undefined, undefined])
    expect((await askIn(folder, `${file}2`, '', [file])).status).toBe(403)
    expect((await askIn(folder, `${folder}x/leases`)).status).toBe(403)
  })

  test('a relative root is relative to the configuration file', async ({ folder }) => {
    mkdirSync(join(folder, 'leases'))
    writeFileSync(join(folder, 'leases', 'a'), line)
    const answer = await ask('roots: [./leases]', join(folder, 'leases', 'a'), { at, configDir: folder })
    expect(verdict(answer)).toEqual([200, 1, undefined, undefined])
  })
})

describe('what is no regular file', () => {
  test('four FIFOs at once, then an ordinary probe still answers', async ({ folder }) => {
    const fifo = join(folder, 'fifo')
    execFileSync('mkfifo', [fifo])
    const file = join(folder, 'leases')
    writeFileSync(file, line)
    await using sonde = await startSonde(moduleOf(`roots: [${folder}]`), { now: () => at * 1000 })
    const get = async (target: string) =>
      readAnswer(await sonde.get(`/probe?module=m&target=${encodeURIComponent(target)}`))
    const answers = await Promise.all(Array.from({ length: 6 }, () => get(fifo)))
    for (const answer of answers) expect(verdict(answer)).toEqual(refused('not_regular_file'))
    expect(verdict(await get(file))).toEqual([200, 1, undefined, undefined])
    expect(openBelow(folder)).toEqual([])
  })

  test('directory, socket, devices', async ({ folder }) => {
    const socket = join(folder, 'socket')
    const server = createServer().listen(socket)
    await new Promise(resolve => server.once('listening', resolve))
    try {
      for (const target of [folder, socket]) {
        expect(verdict(await askIn(folder, target))).toEqual(refused('not_regular_file'))
      }
    } finally {
      server.close()
    }
    for (const device of ['/dev/zero', '/dev/null', '/dev/tty']) {
      expect(verdict(await askIn(folder, device, '', ['/dev']))).toEqual(refused('not_regular_file'))
    }
    const answer = await askIn(folder, '/dev/zero', '', ['/dev'])
    expect(answer.names).not.toContain('probe_dhcp_lease_file_size_bytes')
  })

  test('a file that claims no size is never read', async ({ folder }) => {
    const named = await askIn(folder, '/proc/self/environ', ', format: dnsmasq', ['/proc'])
    expect(verdict(named)).toEqual([200, 1, undefined, undefined])
    expect(named.value('probe_dhcp_lease_file_entries')).toBe(0)
    expect(verdict(await askIn(folder, '/proc/self/environ', '', ['/proc']))).toEqual([200, 0, 'protocol', 'empty'])
  })
})

describe('symbolic links', () => {
  /** A root with links that lead in, out and nowhere, and a folder beside it. */
  function prepare(folder: string) {
    const [root, other] = [join(folder, 'root'), join(folder, 'other-place')]
    for (const path of [root, join(root, 'sub'), other]) mkdirSync(path)
    for (const path of [join(root, 'leases'), join(root, 'sub', 'leases'), join(other, 'leases')])
      writeFileSync(path, line)
    symlinkSync('sub/leases', join(root, 'in'))
    symlinkSync(join(other, 'leases'), join(root, 'out'))
    symlinkSync('../other-place/leases', join(root, 'out-relative'))
    symlinkSync(other, join(root, 'folder-out'))
    symlinkSync('sub', join(root, 'folder-in'))
    symlinkSync(join(other, 'missing'), join(root, 'dangling-out'))
    symlinkSync('missing', join(root, 'dangling-in'))
    symlinkSync('dangling-out', join(root, 'twice-out'))
    symlinkSync('loop', join(root, 'loop'))
    symlinkSync(root, join(folder, 'linked-root'))
    return { root, other }
  }

  test.for([
    ['leases', 'within_roots', [200, 1, undefined, undefined]],
    ['in', 'within_roots', [200, 1, undefined, undefined]],
    ['folder-in/leases', 'within_roots', [200, 1, undefined, undefined]],
    ['out', 'within_roots', refused('outside_roots')],
    ['out-relative', 'within_roots', refused('outside_roots')],
    ['folder-out/leases', 'within_roots', refused('outside_roots')],
    ['folder-out/missing', 'within_roots', refused('outside_roots')],
    ['dangling-out', 'within_roots', refused('outside_roots')],
    ['twice-out', 'within_roots', refused('outside_roots')],
    ['dangling-in', 'within_roots', [200, 0, 'not_found', 'not_found']],
    ['loop', 'within_roots', [200, 0, 'connect', 'read_error']],
    ['leases', 'deny', [200, 1, undefined, undefined]],
    ['sub/leases', 'deny', [200, 1, undefined, undefined]],
    ['in', 'deny', refused('symlink')],
    ['out', 'deny', refused('symlink')],
    ['folder-in/leases', 'deny', refused('symlink')],
    ['folder-out/missing', 'deny', refused('symlink')],
    ['dangling-in', 'deny', refused('symlink')],
    ['missing', 'deny', [200, 0, 'not_found', 'not_found']],
  ] as const)('%s, %s', async ([name, symlinks, expected], { folder }) => {
    const { root } = prepare(folder)
    const answer = await askIn(folder, join(root, name), `, symlinks: ${symlinks}`, [root])
    expect(verdict(answer)).toEqual(expected)
    expect(answer.text + answer.log).not.toContain('other-place')
    if (answer.value('probe_success') === 0) expect(answer.names).not.toContain('probe_dhcp_lease_file_size_bytes')
  })

  test('a root may be a link itself, and a link may lead from one root to another', async ({ folder }) => {
    const { root, other } = prepare(folder)
    const linked = join(folder, 'linked-root')
    for (const symlinks of ['within_roots', 'deny']) {
      const answer = await askIn(folder, join(linked, 'leases'), `, symlinks: ${symlinks}`, [linked])
      expect(verdict(answer)).toEqual([200, 1, undefined, undefined])
    }
    expect(verdict(await askIn(folder, join(root, 'out'), '', [root, other]))).toEqual([200, 1, undefined, undefined])
  })

  test('a side file must not lead out either', async ({ folder }) => {
    const { root, other } = prepare(folder)
    const file = join(root, 'kea-leases4.csv')
    copyFileSync(join(fixtureRoot, 'kea/v4-small.csv'), file)
    copyFileSync(join(fixtureRoot, 'kea/v4-small.csv'), join(other, 'kea'))
    symlinkSync(join(other, 'kea'), `${file}.2`)
    expect(verdict(await askIn(folder, file, '', [root]))).toEqual(refused('outside_roots'))
    expect(verdict(await askIn(folder, file, ', symlinks: deny', [root]))).toEqual(refused('symlink'))
    expect(verdict(await askIn(folder, file, ', kea_side_files: false', [root]))[1]).toBe(1)
    symlinkSync(join(other, 'gone'), `${file}.1`)
    expect(verdict(await askIn(folder, file, '', [root]))).toEqual(refused('outside_roots'))
  })
})

describe('missing, empty, forbidden, large', () => {
  test('missing', async ({ folder }) => {
    for (const target of ['missing', 'missing/leases', 'leases/below', 'x'.repeat(300)]) {
      writeFileSync(join(folder, 'leases'), line)
      expect(verdict(await askIn(folder, join(folder, target)))).toEqual([200, 0, 'not_found', 'not_found'])
      expect(verdict(await askIn(folder, join(folder, target), ', missing_ok: true'))[1]).toBe(1)
    }
  })

  test('empty', async ({ folder }) => {
    const file = join(folder, 'leases')
    writeFileSync(file, '')
    expect(verdict(await askIn(folder, file))).toEqual([200, 0, 'protocol', 'empty'])
    expect(verdict(await askIn(folder, file, ', format: isc-dhcpd'))).toEqual([200, 1, undefined, undefined])
    expect(verdict(await askIn(folder, file, ', format: isc-dhcpd, empty_ok: false'))).toEqual([
      200,
      0,
      'protocol',
      'empty',
    ])
  })

  test('no permission for the file or a folder on the way', async ({ folder }) => {
    const closed = join(folder, 'closed')
    mkdirSync(closed)
    for (const path of [join(closed, 'leases'), join(folder, 'leases')]) writeFileSync(path, line)
    chmodSync(join(folder, 'leases'), 0)
    chmodSync(closed, 0)
    // Root may read everything: give the right up for as long as the probes run.
    const isRoot = process.geteuid?.() === 0
    if (isRoot) process.seteuid?.(65_534)
    try {
      const answer = await askIn(folder, join(folder, 'leases'))
      expect(verdict(answer)).toEqual([200, 0, 'denied', 'permission_denied'])
      expect(answer.value('probe_dhcp_lease_file_size_bytes', { part: 'current' })).toBe(line.length)
      expect(verdict(await askIn(folder, join(closed, 'leases')))).toEqual([200, 0, 'denied', 'permission_denied'])
    } finally {
      if (isRoot) process.seteuid?.(0)
      chmodSync(closed, 0o755)
    }
  })

  test('larger than it may be: size and time are there, and no octet is read', async ({ folder }) => {
    const file = join(folder, 'leases')
    writeFileSync(file, line)
    truncateSync(file, 2 ** 30)
    const startedMs = performance.now()
    const answer = await askIn(folder, file)
    expect(performance.now() - startedMs).toBeLessThan(1000)
    expect(verdict(answer)).toEqual([200, 0, 'too_large', 'too_large'])
    expect(answer.value('probe_dhcp_lease_file_size_bytes', { part: 'current' })).toBe(2 ** 30)
    expect(answer.names).toContain('probe_dhcp_lease_file_newest_mtime_timestamp_seconds')
    expect(answer.names).not.toContain('probe_dhcp_lease_file_entries')
  })

  test('the limit is over the whole set', async ({ folder }) => {
    const file = join(folder, 'kea-leases4.csv')
    for (const suffix of ['', '.1', '.2']) copyFileSync(join(fixtureRoot, 'kea/v4-small.csv'), file + suffix)
    expect(verdict(await askIn(folder, file, ', max_file_bytes: 8978'))).toEqual([200, 0, 'too_large', 'too_large'])
    expect(verdict(await askIn(folder, file, ', max_file_bytes: 8979'))[1]).toBe(1)
  })

  test('binary junk', async ({ folder }) => {
    const file = join(folder, 'leases')
    writeFileSync(file, Buffer.alloc(100_000))
    for (const format of ['auto', 'isc-dhcpd', 'kea-csv', 'dnsmasq']) {
      const answer = await askIn(folder, file, `, format: ${format}`)
      expect(verdict(answer)).toEqual([200, 0, 'protocol', 'unrecognised_format'])
    }
  })
})
