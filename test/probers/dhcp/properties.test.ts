import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LeaseFileError } from '../../../src/probers/dhcp/failure.ts'
import { chooseFormat, formatNames, formats, headBytes } from '../../../src/probers/dhcp/formats/detect.ts'
import type { FormatName, LeaseReader } from '../../../src/probers/dhcp/formats/format.ts'
import { Leases } from '../../../src/probers/dhcp/leases.ts'
import { bestOf } from '../../support/best-of.ts'
import { collectGarbage } from '../../support/garbage.ts'
import { fixture, type Lease, type Read, read, readOn, records } from './reading.ts'

const small: readonly (readonly [FormatName, string])[] = [
  ['isc-dhcpd', 'isc-dhcpd/v4-small.leases'],
  ['isc-dhcpd', 'isc-dhcpd/v4-truncated-nul-tail.leases'],
  ['isc-dhcpd', 'isc-dhcpd/v6-small.leases'],
  ['isc-dhcpd', 'openbsd/synthetic-dhcpd.leases'],
  ['kea-csv', 'kea/v4-small.csv'],
  ['kea-csv', 'kea/synthetic-v4-schema3.0.csv'],
  ['kea-csv', 'kea/synthetic-v6-schema5.0.csv'],
  ['isc-dhcpd', 'isc-dhcpd/v4-failover-secondary-killed.leases'],
  ['isc-dhcpd', 'isc-dhcpd/v4-truncated-in-string.leases'],
  ['kea-csv', 'kea/v4-truncated-tail.csv'],
  ['dnsmasq', 'dnsmasq/v4v6-small.leases'],
  ['udhcpd', 'udhcpd/v4-small.leases'],
  ['odhcpd', 'odhcpd/synthetic-current.leases'],
  ['systemd-networkd', 'systemd-networkd/synthetic-v256.json'],
]

interface Outcome {
  readonly leases?: ReadonlyMap<string, Lease>
  readonly counts?: unknown
  readonly failed?: string
}

/** What a reader made of octets; only its one error class may come out. */
function outcome(work: () => Read): Outcome {
  try {
    const done = work()
    const { entries, malformed } = done.leases
    const newest = [done.leases.newestTransaction('ipv4'), done.leases.newestTransaction('ipv6')]
    const { checkpoint } = done
    return { leases: records(done), counts: { ...done.facts, entries, malformed, newest, checkpoint } }
  } catch (error) {
    if (!(error instanceof LeaseFileError)) throw error
    return { failed: `${error.reason}: ${error.message}` }
  }
}

const sizes = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 60 })

describe.each(small)('%s %s', (format, name) => {
  const whole = fixture(name)

  test('any split into chunks gives what a whole read gives', () => {
    const truth = outcome(() => read(format, whole))
    expect(outcome(() => read(format, whole, { cut: Array(whole.length).fill(1) }))).toEqual(truth)
    fc.assert(
      fc.property(sizes, cut => {
        expect(outcome(() => read(format, whole, { cut }))).toEqual(truth)
      }),
      { numRuns: 40 },
    )
  })

  test('any cut gives some of the entries, and never a state that no entry has', () => {
    const states = new Map<string, Set<string>>()
    const seen = ({ leases }: Outcome) => {
      for (const [address, lease] of leases ?? []) {
        const own = states.get(address) ?? new Set()
        states.set(address, own.add(JSON.stringify(lease)))
      }
    }
    // Every state that an address ever had stands at the end of an entry.
    const isText = format !== 'udhcpd' && format !== 'systemd-networkd'
    for (let end = 0; end <= whole.length; end++) {
      if (end === whole.length || !isText || whole[end - 1] === 0x0a)
        seen(outcome(() => read(format, whole.subarray(0, end))))
    }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length }), end => {
        const { leases } = outcome(() => read(format, whole.subarray(0, end)))
        for (const [address, lease] of leases ?? []) expect(states.get(address)).toContain(JSON.stringify(lease))
      }),
      { numRuns: 200 },
    )
  })

  test('what is appended in any pieces gives what a whole read gives', () => {
    if (read(format, whole).checkpoint === undefined) return
    const truth = outcome(() => read(format, whole))
    const ends = fc.uniqueArray(fc.integer({ min: 0, max: whole.length }), { maxLength: 8 })
    fc.assert(
      fc.property(ends, sizes, (cuts, cut) => {
        const done = outcome(() => {
          const [first = 0, ...more] = [...cuts.sort((a, b) => a - b), whole.length]
          let own = read(format, whole.subarray(0, first))
          for (const end of more) {
            const before = { leases: records(own), entries: own.leases.entries }
            const next = readOn(format, own, whole.subarray(0, end), cut)
            expect({ leases: records(own), entries: own.leases.entries }).toEqual(before)
            own = next
          }
          return own
        })
        expect(done).toEqual(truth)
      }),
      { numRuns: 60 },
    )
  })

  test('mutated octets end in success or in the one error class', () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), sizes, (changes, cut) => {
        const mutated = Buffer.from(whole)
        for (const [at, octet] of changes) mutated[at] = octet
        const truth = outcome(() => read(format, mutated))
        expect(outcome(() => read(format, mutated, { cut }))).toEqual(truth)
        const [half = 0] = cut
        const inTwo = () => readOn(format, read(format, mutated.subarray(0, half)), mutated)
        if (format === 'isc-dhcpd' || format === 'kea-csv') expect(outcome(inTwo)).toEqual(truth)
      }),
      { numRuns: 100 },
    )
  })
})

/** Octets made of what matters to the grammars. */
const tokens = fc
  .array(
    fc.constantFrom(
      ...['lease ', '10.0.0.1', ' {', '}', ';', '"', '\\', '#', '\n', ' ', ',', '0', '1', 'ends never', '\0', '::'],
      ...[
        'binding state active;',
        'starts 6 2026/11/21 04:55:45;',
        'address,hwaddr,valid_lifetime,expire,state\n',
        'fd00::1',
      ],
      ...[
        '10.0.0.1,,3600,5000,0\n',
        '0 02:00 10.0.0.1 * *\n',
        'on expiry {',
        'ia-na "x" {',
        'ia-pd "\\001y" {',
        'iaaddr fd00::1 {',
        'iaprefix fd00::/56 {',
        'cltt epoch 5;',
        'failover peer "p" state {',
        'my state normal at never;',
        '# lan 0a ipv4 - -1 0 32 10.0.0.1/32\n',
        '{"Leases":[{"Address":[10,0,0,1],',
        '"ExpirationRealtimeUSec":1}]}',
        'duid 00\n',
        'é',
        '1795242070',
      ],
    ),
    { maxLength: 200 },
  )
  .map(parts => Buffer.from(parts.join('')))

const octets = fc.oneof(
  tokens,
  fc.uint8Array({ maxLength: 5000 }).map(array => Buffer.from(array)),
)

test.each(formatNames)('%s: any octets end in success or in the one error class', format => {
  fc.assert(
    fc.property(octets, sizes, (input, cut) => {
      expect(outcome(() => read(format, input, { cut }))).toEqual(outcome(() => read(format, input)))
    }),
    { numRuns: 300 },
  )
})

/** Lines of leases, as dhcpd writes them and otherwise. */
const leaseLine = fc.oneof(
  fc.constantFrom(
    ...['starts', 'ends', 'cltt', 'tstp'].flatMap(word => [
      `  ${word} 6 2026/11/21 05:55:45;\n`,
      `  ${word} 6 2026/11/21 05:55:46;\n`,
      `  ${word}  6 2026/11/21 05:55:47;\n`,
      `  ${word} 6 2026/11/21 05:55:48 UTC;\n`,
      `  ${word} 6 2026/11/32 05:55:45;\n`,
      `  ${word} 6 2039/01/01 05:55:45;\n`,
      `  ${word} never;\n`,
      `\t${word}\t6 2026/1/2 05:55:49; `,
    ]),
    ...['active', 'free', 'backup', 'odd', 'active active'].map(state => `  binding state ${state};\n`),
    ...[
      '  next binding state free;\n',
      '  binding  state expired;\n',
      '  binding free;\n',
      '  bind;',
      '  abandoned;\n',
    ],
  ),
  fc.constantFrom(
    ...['  uid "\\001{\\"};";\n', '  client-hostname "a\\\\";\n', '  client-hostname "}\nlease 10.0.0.9 {";\n'],
    ...['  uid "', '  # ends never;\n', '  ;\n', '\0\0', '\n', '\r\n', '  on expiry { set x = "}"; }\n', '  x\n  y;\n'],
    ...[`  x ${'y'.repeat(800)};\n`, `  x "${'\\"'.repeat(500)}";\n`, 'lease 10.0.0.8 {\n', '  }\n', '{', '"'],
  ),
)

const leaseFile = fc
  .array(
    fc.tuple(
      fc.constantFrom('lease 10.0.0.1 {\n', 'lease 10.0.0.2 {\n', 'lease 10.0.0.3  {\n', 'lease 10.0.0.300 {\n', '\n'),
      fc.oneof({ weight: 4, arbitrary: fc.array(leaseLine, { maxLength: 2 }) }, fc.array(leaseLine, { maxLength: 8 })),
      fc.constantFrom('}\n', '}\n', '}', '} ', '\0}\n'),
    ),
    { maxLength: 12 },
  )
  .map(blocks => Buffer.from(blocks.map(([head, lines, tail]) => head + lines.join('') + tail).join('')))

test('a lease is the same however it is written, and however little of it is there at a time', () => {
  fc.assert(
    fc.property(leaseFile, sizes, (file, cut) => {
      const truth = outcome(() => read('isc-dhcpd', file, { cut: Array(file.length).fill(1) }))
      expect(outcome(() => read('isc-dhcpd', file))).toEqual(truth)
      expect(outcome(() => read('isc-dhcpd', file, { cut }))).toEqual(truth)
    }),
    { numRuns: 400 },
  )
})

test('choosing a format ends in one or in the one error class', () => {
  fc.assert(
    fc.property(octets, fc.constantFrom('auto' as const, ...formatNames), (input, wanted) => {
      const head = { octets: input.subarray(0, headBytes), sizeBytes: input.length }
      try {
        const { name } = chooseFormat(wanted, head, Date.now())
        if (wanted !== 'auto') expect(name).toBe(wanted)
      } catch (error) {
        expect(error).toBeInstanceOf(LeaseFileError)
      }
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['isc-dhcpd', 'lease 10.0.0.1 { uid "'],
  ['isc-dhcpd', 'lease 10.0.0.1 {\n  ends 6 2026/11/21 05:55:45;\n'],
  ['isc-dhcpd', '{'],
  ['isc-dhcpd', '#'],
  ['isc-dhcpd', '"\\'],
  ['kea-csv', 'address,hwaddr,valid_lifetime,expire,state\n,,,,'],
  ['isc-dhcpd', 'ia-na "x" {'],
  ['isc-dhcpd', 'ia-na "x" { iaaddr fd00::1 { '],
  ['isc-dhcpd', 'failover peer "x" state { my state normal at epoch 1; '],
  ['dnsmasq', '1 1 1 1 '],
  ['udhcpd', '\0\0\0\0\x6a'],
  ['odhcpd', '# a b ipv4 - 0 0 32 10.0.0.1/32 '],
  ['systemd-networkd', '{"Leases":[{"Address":[1,'],
  ['systemd-networkd', '{"Leases":[{"a":"'],
] as const)('%s: endless repetition of %j takes linear time and no memory', async (format, part) => {
  const chunk = Buffer.from(part.repeat(Math.ceil(65_536 / part.length)))
  const retained = () => {
    collectGarbage()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const feed = (reader: LeaseReader, times: number) => {
    const before = process.cpuUsage()
    for (let i = 0; i < times; i++) reader.feed(chunk)
    return process.cpuUsage(before).user / 1000
  }
  const create = () =>
    formats[format].createReader(new Leases({ maxEntries: 1e6, keepsDetails: false }), { family: 'auto' })
  const reader = create()
  feed(reader, 64)
  const before = retained()
  feed(reader, 128)
  // Not a tenth of what was read since.
  expect(retained() - before).toBeLessThan(12 * chunk.length)
  reader.end()
  await bestOf(3, 3000, () => feed(create(), 64))
})
