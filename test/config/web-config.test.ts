import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/config/config-error.ts'
import { parseWebConfig, readWebConfig } from '../../src/config/web-config.ts'
import { formatProblem } from '../../src/engine/module.ts'
import { certificates, faultyWebConfigs, soundWebConfigs, strictlyFaultyWebConfigs } from '../support/web-configs.ts'

const file = `${certificates}web.yml`

/** The configuration with its certificates, or every mistake. */
async function judge(text: string) {
  try {
    const config = parseWebConfig(text, file)
    return { config, secure: await config.tls?.read(), mistakes: [] }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { mistakes: error.problems.map(problem => formatProblem(problem).replace(`${file}:`, '')) }
  }
}

test.each(Object.entries(soundWebConfigs))('%s can be used', async (_name, text) => {
  const { mistakes, secure } = await judge(text)
  expect(mistakes).toEqual([])
  if (secure !== undefined) createSecureContext(secure)
})

test.each(Object.entries({ ...faultyWebConfigs, ...strictlyFaultyWebConfigs }))(
  '%s',
  async (_name, [text, ...said]) => {
    expect((await judge(text)).mistakes).toEqual(said)
  },
)

describe('what a file comes to', () => {
  test('defaults', async () => {
    const { config } = await judge('')
    expect(config).toMatchObject({ tls: undefined, wantsHttp2: true, rateLimit: undefined, warnings: [] })
    expect([config?.headers.size, config?.users.size]).toEqual([0, 0])
  })

  test('names of Go become those of OpenSSL', async () => {
    const { secure } = await judge(`tls_server_config:
  cert_file: server.crt
  key_file: server.key
  min_version: TLS11
  max_version: TLS12
  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_AES_256_GCM_SHA384]
  curve_preferences: [X25519, CurveP256]
`)
    expect(secure).toMatchObject({
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.2',
      honorCipherOrder: true,
      ecdhCurve: 'X25519:prime256v1',
      ciphers: expect.stringContaining(':ECDHE-ECDSA-AES128-SHA:AES256-GCM-SHA384:@SECLEVEL=0'),
    })
  })

  test('headers without a value are left out, numbers are durations', async () => {
    const { config } = await judge(
      'http_server_config: {headers: {X-XSS-Protection: "", X-Frame-Options: deny}}\nrate_limit: {interval: 1m, burst: 3}',
    )
    expect([...(config?.headers ?? [])]).toEqual([['X-Frame-Options', 'deny']])
    expect(config?.rateLimit).toEqual({ intervalMs: 60_000, burst: 3 })
  })

  test('settings of TLS without a certificate are worth a warning', async () => {
    const { config } = await judge('tls_server_config: {min_version: TLS13}')
    expect(config?.warnings.map(({ message }) => message)).toEqual(['without cert_file and key_file there is no TLS'])
  })

  test('a hash that makes logins slow is worth a warning', async () => {
    const hash = (cost: number) => `$2b$${cost}$${'a'.repeat(53)}`
    const { config } = await judge(`basic_auth_users: {joe: ${hash(14)}, ann: ${hash(17)}}`)
    expect(config?.warnings.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'basic_auth_users.ann: cost 17 makes every login wait for 8 seconds or so',
    ])
  })

  test('a verifying type without authorities trusts those of the system', async () => {
    const { secure } = await judge(soundWebConfigs.RequireAndVerifyClientCert ?? '')
    expect(new Set(secure?.ca as string[]).size).toBeGreaterThan(10)
  })
})

test('a file that is too large is not read on, and be it one without an end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-test-'))
  const file = join(folder, 'web.yml')
  await writeFile(file, '#'.repeat(2 ** 20))
  expect((await readWebConfig(file)).users.size).toBe(0)
  await appendFile(file, '#')
  for (const tooLarge of [file, '/dev/zero']) {
    await expect(readWebConfig(tooLarge)).rejects.toThrow(':1:1 cannot be read: it is larger than 1048576 octets')
  }
  await rm(folder, { recursive: true })
})
