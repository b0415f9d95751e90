import { createPrivateKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { certificatesOf, tlsConfig } from '../../../../src/kit/net/tls/options.ts'
import { pem, pemFile } from '../../../support/identities.ts'

const messagesOf = (section: unknown) => {
  const { error } = tlsConfig().safeParse(section)
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []
}

const encrypted = createPrivateKey(pem('client.key')).export({
  format: 'pem',
  type: 'pkcs8',
  cipher: 'aes-256-cbc',
  passphrase: 'secret',
})

test.each([
  ['nothing', {}],
  ['everything inline', { ca: pem('ca.crt'), cert: pem('client.crt'), key: pem('client.key'), server_name: 'a' }],
  [
    'everything from files',
    { ca_file: pemFile('ca.crt'), cert_file: pemFile('client.crt'), key_file: pemFile('client.key') },
  ],
  ['inline and file mixed', { cert: pem('client.crt'), key_file: pemFile('client.key') }],
  ['files that are not there yet', { ca_file: '/no/ca', cert_file: '/no/cert', key_file: '/no/key' }],
  ['empty text, which is as good as absent', { ca: '', ca_file: '/no/ca', cert_file: '', key: '' }],
  ['versions', { min_version: 'TLS10', max_version: 'TLS13' }],
  ['one version', { min_version: 'TLS12', max_version: 'TLS12' }],
  ['words for true', { insecure_skip_verify: 'yes' }],
  ['a client certificate with its chain', { cert: pem('client.crt') + pem('ca.crt'), key: pem('client.key') }],
  ['several authorities', { ca: pem('ca.crt') + pem('other-ca.crt') }],
])('good: %s', (_name, section) => {
  expect(messagesOf(section)).toEqual([])
})

test.each([
  ['ca twice', { ca: pem('ca.crt'), ca_file: '/ca' }, 'ca_file: at most one of ca and ca_file may be set'],
  ['cert twice', { cert: pem('client.crt'), cert_file: '/c', key_file: '/k' }, 'cert_file: at most one of'],
  ['key twice', { cert_file: '/c', key: 'k', key_file: '/k' }, 'key_file: at most one of'],
  ['cert without key', { cert_file: '/c' }, 'a client certificate needs key or key_file'],
  ['key without cert', { key_file: '/k' }, 'a client key needs cert or cert_file'],
  ['cert with an empty key', { cert_file: '/c', key: '' }, 'a client certificate needs key or key_file'],
  ['minimum above maximum', { min_version: 'TLS13', max_version: 'TLS12' }, 'max_version: TLS12 is below min_version'],
  ['maximum below the default minimum', { max_version: 'TLS11' }, 'max_version: TLS11 is below the lowest version'],
  ['an unknown version', { min_version: 'TLS14' }, 'min_version: '],
  ['a version in small letters', { min_version: 'tls12' }, 'min_version: '],
  ['ca_ref', { ca_ref: 'x' }, 'ca_ref: sonde has no secret manager: use ca or ca_file'],
  ['cert_ref', { cert_ref: 'x' }, 'cert_ref: sonde has no secret manager'],
  ['key_ref', { key_ref: 'x' }, 'key_ref: sonde has no secret manager'],
  ['an unknown key', { verify: false }, 'Unrecognized key'],
  ['an authority that is none', { ca: 'hello' }, 'ca: bad PEM: expected at least one certificate'],
  ['a file that holds no certificate', { ca_file: pemFile('ca.key') }, 'ca_file: bad PEM'],
  ['a broken certificate', { ca: pem('ca.crt').replace('MII', 'AAA') }, 'ca: bad PEM'],
  ['a key that does not fit', { cert: pem('client.crt'), key: pem('server.key') }, 'key: bad PEM'],
  [
    'a key of another kind',
    { cert: pem('client.crt'), key: pem('server-rsa.key') },
    'key: bad PEM: the key belongs to another certificate',
  ],
  ['a key that is none', { cert: pem('client.crt'), key: pem('client.crt') }, 'key: bad PEM: expected a private key'],
  ['an encrypted key', { cert: pem('client.crt'), key: encrypted }, 'key: bad PEM: the key is encrypted'],
  ['a key file that does not fit', { cert: pem('client.crt'), key_file: pemFile('server.key') }, 'key_file: bad PEM'],
])('bad: %s', (_name, section, expected) => {
  expect(messagesOf(section).join('\n')).toContain(expected)
})

test.each(['', 'a_b.example.', '*.example', 'web.1', '192.0.2.1', '::1', '[::1]'])('good server name: %j', name => {
  expect(messagesOf({ server_name: name })).toEqual([])
})

test.each(['mün chen', 'a b', 'a:443', '[::1]:443', 'a/b', 'a@b', 'a\n'])('bad server name: %j', name => {
  expect(messagesOf({ server_name: name })).toEqual(['server_name: expected a host name or an address, without a port'])
})

test('an international server name goes out in ASCII', () => {
  expect(tlsConfig().parse({ server_name: 'münchen.example' }).server_name).toBe('xn--mnchen-3ya.example')
})

test('a mistake in a key does not print the key', () => {
  const key = pem('client.key').replace('MHc', 'XXX')
  expect(messagesOf({ cert: pem('client.crt'), key }).join()).not.toContain(key.slice(40, 80))
})

describe('certificatesOf', () => {
  test('reads all of them, whatever stands between', () => {
    expect(certificatesOf(`# first\n${pem('ca.crt')}\nand\n${pem('server.crt')}`)).toHaveLength(2)
  })
})
