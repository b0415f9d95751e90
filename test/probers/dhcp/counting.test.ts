import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countLeases } from '../../../src/probers/dhcp/count.ts'
import {
  codeOf,
  declinedUntilEndCode,
  effectiveCode,
  families,
  furtherAddress,
  isFurtherAddress,
  Leases,
  leaseStates,
  leaseTypes,
  removedCode,
  typeWord,
  unstatedCode,
} from '../../../src/probers/dhcp/leases.ts'
import { createPool } from '../../../src/probers/dhcp/pools/pool.ts'
import { createPoolMap } from '../../../src/probers/dhcp/pools/pool-map.ts'
import { PoolUses } from '../../../src/probers/dhcp/pools/use.ts'
import { type LeaseVisitor, visitLeases } from '../../../src/probers/dhcp/visit.ts'
import { bestOf } from '../../support/best-of.ts'

const at = 1795240000
const pause = () => undefined

interface Lease {
  readonly family: 'ipv4' | 'ipv6'
  readonly address: number
  readonly type: number
  readonly code: number
  readonly end: number
}

type Step = { readonly put: readonly Lease[] } | { readonly now: number | undefined }

const codes = [
  ...leaseStates.filter(state => state !== '').map(codeOf),
  ...Array<number>(12).fill(codeOf('active')),
  unstatedCode,
  removedCode,
  declinedUntilEndCode,
]

const lease: fc.Arbitrary<Lease> = fc.record({
  family: fc.constantFrom(...families),
  // Few, so that they come again, and from both pools and neither.
  address: fc.nat({ max: 400 }),
  type: fc.integer({ min: 1, max: 3 }),
  code: fc.oneof(
    fc.constantFrom(...codes),
    fc.constantFrom(...codes).map(code => code + furtherAddress),
  ),
  end: fc.oneof(
    fc.integer({ min: at - 20, max: at + 20 }),
    fc.integer({ min: at - 90_000, max: at + 90_000 }),
    fc.constantFrom(0, Number.POSITIVE_INFINITY, at + 300, at + 3600, at + 86_400),
  ),
})

const puts: fc.Arbitrary<Step> = fc.record({ put: fc.array(lease, { maxLength: 300, size: 'max' }) })

// Forwards and backwards, to the very ends and between them.
const look: fc.Arbitrary<Step> = fc.record({
  now: fc.oneof(
    fc.integer({ min: at - 21, max: at + 21 }),
    fc.integer({ min: at - 91_000, max: at + 91_000 }).map(seconds => seconds + 0.123),
    fc.constant(undefined),
  ),
})

const step = fc.oneof({ weight: 1, arbitrary: puts }, { weight: 4, arbitrary: look })

function put(leases: Leases, { family, address, type, code, end }: Lease): void {
  if (family === 'ipv4') leases.putIpv4(address, code, end)
  else leases.putIpv6(Uint32Array.of(0xfd00_0000, 0, 0, address, typeWord(type)), code, end)
}

const first = { family: 'ipv4', first: 50n, last: 149n } as const
const prefix = 0xfd00_0000n << 96n
const pools = createPoolMap([
  createPool(first, { name: 'a' }),
  createPool({ ...first, first: 200n, last: 249n }, { name: 'b' }),
  createPool({ family: 'ipv6', first: prefix + 100n, last: prefix + 199n }, { name: 'c' }),
])

/** One lease after the other, as they are put by a table that was never counted before. */
function oneByOne(all: ReadonlyMap<string, Lease>, now: number | undefined) {
  const counts = Object.fromEntries(
    families.map(family => [
      family,
      {
        leases: leaseTypes.map(() => leaseStates.map(() => 0)),
        overdue: 0,
        infinite: 0,
        expiring: { '5m': 0, '1h': 0, '1d': 0 },
      },
    ]),
  )
  for (const { family, type, code, end } of all.values()) {
    const own = counts[family]!
    const state = effectiveCode(code, end, now)
    if (state === 0 || isFurtherAddress(code)) continue
    own.leases[family === 'ipv4' ? 0 : type]![state]!++
    if (code === codeOf('active') && state === codeOf('expired')) own.overdue++
    if (state !== codeOf('active')) continue
    if (end === Number.POSITIVE_INFINITY) own.infinite++
    else if (now !== undefined) {
      if (end - now <= 300) own.expiring['5m']++
      if (end - now <= 3600) own.expiring['1h']++
      if (end - now <= 86_400) own.expiring['1d']++
    }
  }
  return counts
}

/** The use of the pools, address by address. */
async function usesOneByOne(leases: Leases, now: number | undefined) {
  const found = { a: [0, 0, 0], b: [0, 0, 0], c: [0, 0, 0], outside: { ipv4: 0, ipv6: 0 } }
  const visitor: LeaseVisitor = {
    visit(family, { keys }, slot, typeCode, stateCode) {
      if (typeCode === leaseTypes.indexOf('pd')) return
      const address = family === 'ipv4' ? keys[slot]! : keys[slot * 5 + 3]!
      const isIn = (low: number, high: number) => address >= low && address <= high
      const pool =
        family === 'ipv6' ? (isIn(100, 199) ? 'c' : undefined) : isIn(50, 149) ? 'a' : isIn(200, 249) ? 'b' : undefined
      const state = leaseStates[stateCode]!
      const place = ['active', 'backup'].indexOf(state)
      if (pool === undefined) found.outside[family] += Number(place === 0)
      else if (place !== -1) found[pool][place]!++
      else if (['abandoned', 'declined'].includes(state)) found[pool][2]!++
    },
  }
  await visitLeases(leases, now, pause, [visitor], families)
  return found
}

async function uses(leases: Leases, now: number | undefined) {
  const counted = new PoolUses(pools)
  await counted.count(leases, now, pause, families)
  const [a, b, c] = counted.pools(families).map(use => [use.active, use.backup, use.unavailable])
  return { a, b, c, outside: { ipv4: counted.outside('ipv4'), ipv6: counted.outside('ipv6') } }
}

describe('whatever was counted before', () => {
  test('and however the clock goes, the counts are those of a look at each lease', async () => {
    await fc.assert(
      fc.asyncProperty(puts, fc.array(step, { minLength: 3, maxLength: 12 }), async (start, steps) => {
        let leases = new Leases({ maxEntries: 1e6, keepsDetails: false })
        const all = new Map<string, Lease>()
        for (const own of [start, ...steps]) {
          if ('now' in own) {
            expect(await countLeases(leases, own.now, pause)).toEqual(oneByOne(all, own.now))
            expect(await uses(leases, own.now)).toEqual(await usesOneByOne(leases, own.now))
            continue
          }
          leases = leases.fork()
          for (const one of own.put) {
            put(leases, one)
            all.set(`${one.family} ${one.family === 'ipv4' ? '' : one.type} ${one.address}`, one)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('what is put after a count is in the next one, also without a fork', async () => {
    const leases = new Leases({ maxEntries: 1e6, keepsDetails: false })
    for (let amount = 1; amount <= 40; amount++) {
      leases.putIpv4(amount, codeOf('active'), at)
      expect((await countLeases(leases, at - 1, pause)).ipv4.leases[0]![codeOf('active')]).toBe(amount)
    }
  })
})

test('leases that end all the time are not looked at one by one', async () => {
  const leases = new Leases({ maxEntries: 1e6, keepsDetails: false })
  const amount = 300_000
  for (let i = 0; i < amount; i++) leases.putIpv4(i, codeOf('active'), at + (i % 7200))
  let now = at
  const next = async () => {
    const { ipv4 } = await countLeases(leases, now, pause)
    const ended = Array.from({ length: 7200 }, (_, i) => i).filter(i => at + i <= now).length
    expect(ipv4.overdue).toBeCloseTo((amount * ended) / 7200, -2)
    now += 0.5
  }
  await next()
  await next()
  // Looking at each takes more than 5 ms.
  await bestOf(20, 3, async () => {
    const startedMs = performance.now()
    await next()
    return performance.now() - startedMs
  })
})
