import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadTls } from '../../../../src/kit/net/tls/context.ts'
import { tlsConfig } from '../../../../src/kit/net/tls/options.ts'
import { pemFile } from '../../../support/identities.ts'

test('a signal that aborts is heeded, whatever the file system does', async () => {
  const reason = new Error('too late')
  const config = tlsConfig().parse({ ca_file: pemFile('ca.crt') })
  await expect(loadTls(config, AbortSignal.abort(reason))).rejects.toBe(reason)
  await expect(loadTls(config, new AbortController().signal)).resolves.toMatchObject({ hasIdentity: false })
})

test('files that no longer belong together', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-'))
  const [cert_file, key_file] = [join(folder, 'client.crt'), join(folder, 'client.key')]
  const config = tlsConfig().parse({ ca_file: pemFile('ca.crt'), cert_file, key_file })
  await copyFile(pemFile('client.crt'), cert_file)
  await copyFile(pemFile('client.key'), key_file)
  expect(await loadTls(config)).toMatchObject({ hasIdentity: true, skipVerify: false })
  await copyFile(pemFile('server-rsa.key'), key_file)
  await expect(loadTls(config)).rejects.toMatchObject({
    reason: 'tls',
    message: 'tls_config cannot be used: the key belongs to another certificate',
  })
  await rm(folder, { recursive: true })
})
