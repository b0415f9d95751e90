import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { test } from '../../support/files.ts'
import { active, probeDirectly } from './direct.ts'
import { fixture, read, records } from './reading.ts'

const writtenAt = 1795238554

function head(seconds: number | bigint = writtenAt): Buffer {
  const octets = Buffer.alloc(8)
  octets.writeBigInt64BE(BigInt(seconds))
  return octets
}

interface Parts {
  readonly left?: number
  readonly address?: readonly number[]
  readonly mac?: readonly number[]
  readonly name?: string
}

function record({ left = 60, address = [10, 0, 0, 1], mac = [2, 0, 0, 0, 0, 1], name = '' }: Parts): Buffer {
  const octets = Buffer.alloc(36)
  octets.writeUInt32BE(left)
  octets.set(address, 4)
  octets.set(mac, 8)
  octets.write(name, 14, 'latin1')
  return octets
}

const leaseOf = (parts: Parts) => records(read('udhcpd', Buffer.concat([head(), record(parts)])))

describe('a record', () => {
  test.each([
    ['with time left', { left: 60 }, { state: 'active', end: writtenAt + 60 }],
    ['with none left', { left: 0 }, { state: 'expired', end: writtenAt }],
    ['of almost for ever', { left: 0xffff_ffff }, { state: 'active', end: writtenAt + 0xffff_ffff }],
    ['that was declined', { mac: [0, 0, 0, 0, 0, 0] }, { state: 'declined', end: writtenAt + 60 }],
    ['that was declined long ago', { mac: [0, 0, 0, 0, 0, 0], left: 0 }, { state: 'declined', end: writtenAt }],
  ])('%s', (_what, parts, lease) => {
    expect(Object.fromEntries(leaseOf(parts))).toEqual({ '10.0.0.1': lease })
  })

  test('the last one of an address wins', () => {
    const file = Buffer.concat([head(), record({ left: 1 }), record({ left: 2 })])
    const done = read('udhcpd', file)
    expect(records(done).get('10.0.0.1')?.end).toBe(writtenAt + 2)
    expect(done.leases.entries).toBe(2)
  })

  test('without an address is malformed, and told by its octet', () => {
    const { leases, facts } = read('udhcpd', Buffer.concat([head(), record({}), record({ address: [0, 0, 0, 0] })]))
    expect([leases.entries, leases.malformed, facts.firstMalformed]).toEqual([2, 1, 'octet 44'])
  })
})

test.each([0, 1, 7, 8, 9, 43, 44, 45])('a file that is cut to %d octets', length => {
  const file = Buffer.concat([head(), record({}), record({ address: [10, 0, 0, 2] })]).subarray(0, length)
  const { leases, facts } = read('udhcpd', file)
  expect(leases.entries).toBe(Math.max(0, Math.floor((length - 8) / 36)))
  expect(facts.incompleteTail).toBe(length !== 0 && (length < 8 || (length - 8) % 36 !== 0))
  expect(facts.writtenAt).toBe(length < 8 ? undefined : writtenAt)
})

test.each([0, -1, 2 ** 40])('a file written at %d says nothing that can be used', seconds => {
  const { leases } = read('udhcpd', Buffer.concat([head(seconds), record({})]))
  expect([leases.entries, leases.malformed]).toEqual([1, 1])
})

test.for([
  [3600, undefined],
  [3601, 'more than an hour from now'],
  [80_000, 'more than an hour from now'],
  [90_000, 'not a lease file'],
] as const)('a file written %d s from now', async ([ahead, reason], { folder }) => {
  const file = join(folder, 'leases')
  writeFileSync(file, Buffer.concat([head(), record({})]))
  const work = probeDirectly({ options: { roots: [folder] }, file, at: writtenAt - ahead })
  if (reason === undefined) expect(active(await work)).toBe(1)
  else await expect(work).rejects.toThrow(reason)
})

test('who holds the leases', () => {
  const { leases } = read('udhcpd', fixture('udhcpd/v4-small.leases'), { keepsDetails: true })
  const details = [...leases.ipv4.shards()].flatMap(({ details }) => details?.filter(own => own !== undefined) ?? [])
  expect(details).toContainEqual({ hwaddr: '02:00:00:00:08:11', clientId: '', hostname: 'offer-only' })
  const named = read('udhcpd', Buffer.concat([head(), record({ name: 'x'.repeat(20) })]), { keepsDetails: true })
  expect([...named.leases.ipv4.shards()][0]!.details!.find(own => own !== undefined)?.hostname).toBe('')
})
