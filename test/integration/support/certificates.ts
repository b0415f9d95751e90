import { join } from 'node:path'
import { run } from '../../support/programs.ts'

const p256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']

/** What `openssl req` is told for each: kinds of keys, and names that are hard to write. */
export const certificates = {
  rsa: ['-newkey', 'rsa:2048', '-subj', '/C=DE/ST=Bayern/L=München/O=Größe \\+ "Söhne", <GmbH>/OU=a;b=c/CN=localhost'],
  ed25519: ['-newkey', 'ed25519', '-set_serial', '0x80ff', '-subj', '/CN=#first/emailAddress=root@sonde.test'],
  p384: [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-384',
    '-set_serial',
    '1',
    '-subj',
    '/O=one+OU=two/CN=a+CN=b',
  ],
  types: [
    ...p256,
    '-subj',
    '/DC=test/DC=sonde/UID=web1/street=Road 1/postalCode=0815/serialNumber=77/title=x/CN= blank ',
  ],
  names: [
    ...p256,
    ...['-subj', '/CN=names', '-addext'],
    'subjectAltName=DNS:b.test,IP:127.0.0.1,DNS:*.a.test,email:a@b.test,URI:http://c.test,DNS:xn--mnchen-3ya.test',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** Makes a self-signed certificate with openssl; returns its file and that of its key. */
export function makeCertificate(folder: string, name: keyof typeof certificates) {
  const files = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) }
  const out = ['-keyout', files.key, '-out', files.cert]
  const { status, stderr } = run('openssl', [
    'req',
    '-x509',
    '-utf8',
    '-nodes',
    '-days',
    '30',
    ...out,
    ...certificates[name],
  ])
  if (status !== 0) throw new Error(stderr)
  return files
}
