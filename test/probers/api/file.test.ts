import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type ApiOptions, errorsOf, probeApi } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'sonde-api-files-'))
const [root, outside] = [join(folder, 'root'), join(folder, 'outside')]
for (const path of [root, outside, join(root, 'sub')]) mkdirSync(path)
writeFileSync(join(root, 'status.json'), '{"n": 7}')
writeFileSync(join(root, 'names.xml'), '<names><n>8</n></names>')
writeFileSync(join(root, 'sub/plain'), 'n=9\n')
writeFileSync(join(root, '100%.json'), '{"n": 7}')
writeFileSync(join(root, 'broken.json'), '{"n": ')
writeFileSync(join(root, 'hidden.json'), '{"n": 7}', { mode: 0 })
writeFileSync(join(outside, 'status.json'), '{"n": 1}')
writeFileSync(join(root, 'large.json'), '')
truncateSync(join(root, 'large.json'), 11 * 2 ** 20)
symlinkSync('status.json', join(root, 'link.json'))
symlinkSync('../outside/status.json', join(root, 'escape.json'))
symlinkSync(outside, join(root, 'away'))
execFileSync('mkfifo', [join(root, 'fifo')])
afterAll(() => rmSync(folder, { recursive: true }))

const metrics = [{ name: 'app_n', value: '$.n' }]
const probeFile = (path: string, options: ApiOptions = {}, query: Record<string, string> = {}) =>
  probeApi(`file:${path}`, { roots: [root], metrics, ...options }, { query })

test.each([`${root}/status.json`, `//${root}/status.json`, `${root}/link.json`, `${root}//status.json`])(
  'file:%s is read',
  async path => {
    const answer = await probeFile(path)
    expect([answer.value('probe_success'), answer.value('app_n')]).toEqual([1, 7])
    expect(answer.value('probe_api_response_bytes', { request: 'main' })).toBe(8)
    expect(answer.names).not.toContain('probe_api_request_status_code')
  },
)

test('a path is taken as it is written', async () => {
  expect((await probeFile(root, { path: '/100%.json' })).value('app_n')).toBe(7)
  expect((await probeFile(`${root}/100%.json`)).value('app_n')).toBe(7)
})

test('a folder as the target, files by the paths of requests', async () => {
  const answer = await probeFile(
    root,
    {
      format: 'auto',
      params: { name: { pattern: '\\w+', required: true } },
      requests: {
        a: { path: '/status.json' },
        b: { path: '{{param.name}}.xml' },
        c: { path: 'sub/plain', format: 'text' },
      },
      metrics: [
        { name: 'app_a', from: 'a', value: '$.n' },
        { name: 'app_b', from: 'b', value: '/names/n' },
        { name: 'app_c', from: 'c', items: { regex: 'n=(?<n>\\d+)' }, value: '{n}' },
      ],
    },
    { name: 'names' },
  )
  expect(['app_a', 'app_b', 'app_c'].map(name => answer.value(name))).toEqual([7, 8, 9])
})

describe.skipIf(process.platform !== 'linux')('what the kernel writes as it is read', () => {
  const number = (key: string) => ({
    format: 'text',
    metrics: [{ name: 'app_n', items: { regex: key }, value: '{n}' }],
  })

  test.each([
    ['is said to be empty', '/proc/meminfo', '(?m)^MemTotal: +(?<n>\\d+)'],
    ['is said to be a page long', '/sys/devices/virtual/net/lo/mtu', '(?<n>\\d+)'],
  ])('%s: %s', async (_what, path, key) => {
    const answer = await probeFile(path, { roots: ['/proc', '/sys'], ...number(key) })
    expect([answer.reason, answer.value('probe_success')]).toEqual([undefined, 1])
    expect(answer.value('app_n')).toBeGreaterThan(1000)
    expect(answer.value('probe_api_response_bytes', { request: 'main' })).toBeGreaterThan(0)
  })

  test('has a limit, too', async () => {
    const answer = await probeFile('/proc/meminfo', { roots: ['/proc'], ...number('(?<n>x)'), body_size_limit: 100 })
    expect(answer.reason).toBe('too_large')
  })
})

describe('what is not read', () => {
  test.each([
    ['no file', 'gone.json', 'not_found', 'not_found'],
    ['a path through a file', 'status.json/x', 'not_found', 'not_found'],
    ['a folder', 'sub', 'denied', 'denied'],
    ['a FIFO', 'fifo', 'denied', 'denied'],
    ['a link out of the roots', 'escape.json', 'denied', 'denied'],
    ['a folder that leads out of the roots', 'away/status.json', 'denied', 'denied'],
    ['too large a file', 'large.json', 'too_large', 'too_large'],
    ['half a file', 'broken.json', 'parse', 'content'],
  ])('%s', async (_what, name, error, reason) => {
    const answer = await probeFile(join(root, name))
    expect([errorsOf(answer), answer.reason]).toEqual([[`main ${error}`], reason])
    expect(answer.log).not.toContain('"n"')
    expect(answer.log).not.toContain(outside)
  })

  test.skipIf(process.getuid?.() === 0)('a file without permission', async () => {
    chmodSync(join(root, 'hidden.json'), 0)
    expect((await probeFile(join(root, 'hidden.json'))).reason).toBe('denied')
  })

  test.each([
    `${outside}/status.json`,
    `${root}/../outside/status.json`,
    `${root}x/status.json`,
    'status.json',
    '//other-host/status.json',
    '/etc/passwd',
    '/proc/self/environ',
  ])('file:%s lies outside', async path => {
    const answer = await probeFile(path)
    expect([answer.status, answer.text.trim()]).toEqual([403, 'target refused by policy: path'])
  })

  test('anything without roots', async () => {
    expect((await probeApi(`file:${root}/status.json`, { metrics })).status).toBe(403)
  })

  test.each([[{ method: 'DELETE' }], [{ body: { text: 'x' } }]])('what more than reads: %j', async options => {
    const answer = await probeFile(`${root}/status.json`, options)
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('a file can be read only')])
  })

  test('a path that a parameter makes lead elsewhere', async () => {
    const options = { path: '/{{param.x}}', params: { x: { pattern: '(?s).*' } } }
    for (const [x, status] of [
      ['..', 400],
      ['../outside/status.json', 400],
      ['sub/../../outside/status.json', 400],
      ['a\0b', 400],
    ] as const) {
      expect((await probeFile(root, options, { x })).status).toBe(status)
    }
  })
})
