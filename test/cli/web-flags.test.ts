import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { type WebFlags, webFlags, webOptionsOf } from '../../src/cli/serve/web-flags.ts'
import { webDefaults } from '../../src/http/web-options.ts'
import { certificates } from '../support/web-configs.ts'
import { folderWith, runHere } from './support.ts'

function optionsOf(...args: readonly string[]) {
  const command = new Command()
  for (const option of webFlags) command.addOption(option)
  return webOptionsOf(command.parse(args, { from: 'user' }).opts<WebFlags>())
}

test.each([
  [[], {}],
  [
    ['--web.external-url', 'https://example.org/a/b/'],
    { routePrefix: '/a/b', externalUrl: 'https://example.org/a/b/' },
  ],
  [['--web.external-url', 'https://example.org'], { externalUrl: 'https://example.org/' }],
  [
    ['--web.external-url', 'https://example.org/a', '--web.route-prefix', '/'],
    { externalUrl: 'https://example.org/a' },
  ],
  [['--web.route-prefix', 'sonde/'], { routePrefix: '/sonde' }],
  [['--web.enable-lifecycle', 'false'], { hasLifecycle: false }],
  [['--no-web.enable-lifecycle'], { hasLifecycle: false }],
  [
    ['--web.allowed-hosts', 'A.test,*.b.test', '--web.allowed-hosts', 'c'],
    { allowedHosts: ['a.test', '*.b.test', 'c'] },
  ],
  [['--web.max-requests', '0', '--web.max-connections', '9'], { maxRequests: 0, maxConnections: 9 }],
  [['--web.telemetry-path', '/own'], { telemetryPath: '/own' }],
])('%j', (args, options) => expect(optionsOf(...args)).toEqual({ ...webDefaults, ...options }))

describe('bad usage', () => {
  test.each([
    ['--web.telemetry-path=/probe', 'a path such as /metrics, which nothing else has'],
    ['--web.telemetry-path=metrics', 'a path such as /metrics'],
    ['--web.external-url=example.org', 'a URL such as https://example.org/sonde/'],
    ['--web.external-url=ftp://example.org', 'a URL such as'],
    ['--web.external-url=https://example.org/?a', 'a URL such as'],
    ['--web.external-url=https://me@example.org/', 'a URL such as'],
    ['--web.route-prefix=/a b', 'a path such as /sonde'],
    ['--web.allowed-hosts=a.test:9115', 'a host name without a port'],
    ['--web.allowed-hosts=*', 'a host name without a port'],
    ['--web.max-connections=0', 'a whole number from 1'],
    ['--web.listen-address=unix://sonde.sock', 'unix:///run/sonde/sonde.sock'],
    ['--web.listen-address=vsock://:9115', 'an address such as'],
    ['--web.enable-lifecycle=maybe', 'true or false'],
  ])('%s', async (arg, message) => {
    const { status, stderr } = await runHere(['serve', arg])
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})

describe('--config.check', () => {
  const check = async (webConfig: string) => {
    await using folder = await folderWith('modules: {}\n')
    const file = join(folder.path, 'web.yml')
    await writeFile(file, webConfig)
    const answer = await runHere(['--config.check', `--config.file=${folder.file}`, `--web.config.file=${file}`])
    return { ...answer, file }
  }

  test('looks at the web configuration, too, and at its certificates', async () => {
    const tls = `tls_server_config: {cert_file: ${certificates}server.crt, key_file: ${certificates}server.key}`
    const { status, stdout, file } = await check(tls)
    expect([status, stdout]).toEqual([0, expect.stringContaining(`${file}: ok, TLS, 0 users\n`)])
  })

  test.each([
    [
      'tls_server_config: {cert_file: nope.crt, key_file: nope.key}',
      '1:21 tls_server_config.cert_file: cannot be used: ',
    ],
    ['basic_auth_users: {a: b}', '1:20 basic_auth_users.a: expected a bcrypt hash'],
  ])('%s', async (webConfig, message) => {
    const { status, stderr, file } = await check(webConfig)
    expect([status, stderr]).toEqual([1, expect.stringContaining(`${file}:${message}`)])
  })
})
