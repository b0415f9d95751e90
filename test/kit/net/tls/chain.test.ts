import { expect, test } from 'vitest'
import { earliestExpiryMs, lastChainExpiryMs } from '../../../../src/kit/net/tls/chain.ts'
import { certificatesOf } from '../../../../src/kit/net/tls/options.ts'
import { trustOf } from '../../../../src/kit/net/tls/trust.ts'
import { pem } from '../../../support/identities.ts'

const ms = (date: string) => Date.parse(`${date}Z`)

const expiry = (sent: readonly string[], trusted: readonly string[], now: string) => {
  const trust = trustOf(trusted.map(pem).join(''), '1')
  const last = lastChainExpiryMs(certificatesOf(sent.map(pem).join('')), trust, ms(now))
  return last === undefined ? undefined : new Date(last).toISOString().slice(0, 10)
}
const sent = ['server.crt', 'intermediate.crt']

test.each([
  ['a chain to a root', sent, ['ca.crt'], '2024-01-15', '2122-01-01'],
  ['the root ends first', sent, ['old-ca.crt'], '2024-01-15', '2024-02-01'],
  ['the root has ended', sent, ['old-ca.crt'], '2024-03-01', undefined],
  ['of two roots the one that lasts longer', sent, ['old-ca.crt', 'ca.crt'], '2024-01-15', '2122-01-01'],
  ['of two roots the one that has not ended', sent, ['old-ca.crt', 'ca.crt'], '2024-03-01', '2122-01-01'],
  ['a root that the server sends is none', [...sent, 'ca.crt'], ['other-ca.crt'], '2024-03-01', undefined],
  ['a name is not enough', ['no-names.crt'], ['no-subject.crt'], '2024-03-01', undefined],
  ['not yet valid', sent, ['ca.crt'], '2023-12-31', undefined],
  ['without the intermediate', ['server.crt'], ['ca.crt'], '2024-03-01', undefined],
  ['trusted itself', ['server.crt'], ['server.crt'], '2024-03-01', '2122-01-01'],
])('%s', (_name, chain, trusted, now, expected) => {
  expect(expiry(chain, trusted, now)).toBe(expected)
})

test.each([
  ['the certificates that were sent', sent, ['other-ca.crt'], '2122-01-01'],
  ['not our root, when it may be what Node added', ['under-short.crt', 'short-ca.crt'], ['short-ca.crt'], '2124-01-01'],
  ['a root that is not ours', ['under-short.crt', 'short-ca.crt'], ['ca.crt'], '2100-01-01'],
  [
    'an old root of ours: Node would have added the new one',
    [...sent, 'old-ca.crt'],
    ['ca.crt', 'old-ca.crt'],
    '2024-02-01',
  ],
  [
    'an authority of ours that is no root: servers send theirs',
    ['other-name.crt', 'intermediate.crt'],
    ['intermediate.crt'],
    '2123-01-01',
  ],
  ["the server's own certificate, although we trust it", ['self-signed.crt'], ['self-signed.crt'], '2124-01-01'],
])('the earliest end counts %s', (_name, chain, trusted, expected) => {
  const trust = trustOf(trusted.map(pem).join(''), '1')
  const earliest = earliestExpiryMs(certificatesOf(chain.map(pem).join('')), trust)
  expect(new Date(earliest).toISOString().slice(0, 10)).toBe(expected)
})
