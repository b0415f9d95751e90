import { expect, test } from 'vitest'
import { Denied, ProbeFailure } from '../../../src/kit/failure.ts'
import { addressHash, type NetContext, resolve } from '../../../src/kit/net/address.ts'
import { defaultPolicy } from '../../../src/kit/net/policy/policy.ts'

const net: NetContext = {
  signal: new AbortController().signal,
  policy: defaultPolicy,
  log: { debug() {}, info() {}, warn() {} },
}
const choice = (preferred_ip_protocol: 'ip4' | 'ip6', ip_protocol_fallback = true) => ({
  preferred_ip_protocol,
  ip_protocol_fallback,
})

test.each([
  ['127.0.0.1', 4, 3_668_918_509],
  ['0.0.0.0', 4, 1_268_118_805],
] as const)("the hash of %s is blackbox_exporter's", (address, family, hash) => {
  expect(addressHash(address, family)).toBe(hash)
})

test('the hash of an IPv6 address does not depend on how it is written', () => {
  expect(addressHash('2001:db8::1', 6)).toBe(addressHash('2001:0DB8:0:0:0:0:0:1', 6))
  expect(addressHash('::ffff:192.0.2.1', 6)).toBe(addressHash('::ffff:c000:201', 6))
  expect(addressHash('::', 6)).not.toBe(addressHash('::1', 6))
})

test.each([
  ['127.0.0.1', choice('ip6'), '127.0.0.1', 4],
  ['127.0.0.1', choice('ip4', false), '127.0.0.1', 4],
  ['::1', choice('ip4'), '::1', 6],
  ['localhost', choice('ip4', false), '127.0.0.1', 4],
  ['::ffff:127.0.0.1', choice('ip6'), '127.0.0.1', 4],
  ['::ffff:7f00:1', choice('ip4', false), '127.0.0.1', 4],
] as const)('%s with %j', async (host, options, address, family) => {
  expect(await resolve({ host, port: 80 }, options, net)).toMatchObject({ address, family })
})

test('a literal of the other family fails without fallback', async () => {
  await expect(resolve({ host: '127.0.0.1', port: 80 }, choice('ip6', false), net)).rejects.toThrow(ProbeFailure)
})

test("a name that does not exist is the resolver's error", async () => {
  await expect(resolve({ host: 'nope.invalid', port: 80 }, choice('ip4'), net)).rejects.toMatchObject({
    code: expect.stringMatching(/ENOTFOUND|EAI_/),
  })
})

test.each([
  '169.254.169.254',
  'fe80::1',
  'fd00:ec2::254',
  '::ffff:169.254.169.254',
  '64:ff9b::169.254.169.254',
  '64:ff9b:1::a9fe:a9fe',
  '2002:a9fe:a9fe::',
])('the policy refuses %s', async address => {
  await expect(resolve({ host: address, port: 80 }, choice('ip4'), net)).rejects.toThrow(Denied)
})

test.each(['127.0.0.1', '10.0.0.1', '192.168.1.1', '::1', 'fd00::1', '169.253.0.1'])(
  'the policy admits %s',
  address => {
    expect(defaultPolicy.judge({ host: 'x', port: 80 }).allows(address)).toBe(true)
  },
)

test('an odd spelling of a refused address is refused, too', async () => {
  await expect(resolve({ host: '2852039166', port: 80 }, choice('ip4'), net)).rejects.toThrow()
  await expect(resolve({ host: '0xa9fea9fe', port: 80 }, choice('ip4'), net)).rejects.toThrow(Denied)
})

test('an abort ends the wait for the resolver', async () => {
  const gone = new Error('gone')
  await expect(
    resolve({ host: 'nope.invalid', port: 80 }, choice('ip4'), { ...net, signal: AbortSignal.abort(gone) }),
  ).rejects.toBe(gone)
})
