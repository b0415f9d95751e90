import { describe, expect, test } from 'vitest'
import { fixture, read, readOn, records } from './reading.ts'

const octets = (text: string) => Buffer.from(text, 'latin1')
const readText = (text: string) => read('isc-dhcpd', octets(text))
const found = (text: string) => Object.fromEntries(records(readText(text)))
const factsOf = (text: string) => {
  const { leases, facts } = readText(text)
  return [leases.entries, leases.malformed, facts.incompleteTail]
}

const end = 1795241142
const active = `binding state active; ends epoch ${end};`
const na = (id: string, ...addresses: string[]) =>
  `ia-na "${id}" { cltt epoch ${end - 60}; ${addresses.map(own => `iaaddr ${own} { ${active} }`).join(' ')} }\n`

const one = 'na fd000000000000000000000000000001'
const two = 'na fd000000000000000000000000000002'
const lease = { state: 'active', end }

describe('an IA', () => {
  test('may hold several addresses, each an entry', () => {
    expect(found(na('a', 'fd00::1', 'fd00::2'))).toEqual({ [one]: lease, [two]: lease })
    expect(factsOf(na('a', 'fd00::1', 'fd00::2'))).toEqual([2, 0, false])
  })

  test('is replaced by its next block, whatever that lists', () => {
    expect(found(na('a', 'fd00::1', 'fd00::2') + na('a', 'fd00::2'))).toEqual({ [two]: lease })
    expect(found(na('a', 'fd00::1') + na('a', 'fd00::2'))).toEqual({ [two]: lease })
    expect(found(na('a', 'fd00::1', 'fd00::2') + na('a'))).toEqual({})
    expect(found(na('a', 'fd00::1') + na('a') + na('a', 'fd00::1'))).toEqual({ [one]: lease })
    expect(found(na('a', 'fd00::1', 'fd00::2') + na('a') + na('a', 'fd00::1') + na('a', 'fd00::2'))).toEqual({
      [two]: lease,
    })
  })

  test('does not take away what another one has by then', () => {
    expect(found(na('a', 'fd00::1') + na('b', 'fd00::1') + na('a', 'fd00::2'))).toEqual({ [one]: lease, [two]: lease })
    expect(found(na('a', 'fd00::1') + na('b', 'fd00::1') + na('b'))).toEqual({})
  })

  test('of many addresses is replaced in no long time', () => {
    const list = (from: number) => Array.from({ length: 1000 }, (_, i) => `fd00::${(from + i).toString(16)}`)
    const startedMs = performance.now()
    const text = Array.from({ length: 120 }, (_, i) => na('a', ...list(i))).join('')
    expect(Object.keys(found(text))).toHaveLength(1000)
    expect(performance.now() - startedMs).toBeLessThan(8000)
  })

  test('is another one when its type is', () => {
    const ta = na('a', 'fd00::2').replace('ia-na', 'ia-ta')
    expect(found(na('a', 'fd00::1') + ta)).toEqual({ [one]: lease, [two.replace('na', 'ta')]: lease })
  })

  test('is the same however its identifier is spelt', () => {
    const spellings = ['\\001\\"b}', '\\x01\\"b\\}', '\u0001\\042\\142}']
    for (const first of spellings) {
      for (const second of spellings)
        expect(found(na(first, 'fd00::1') + na(second, 'fd00::2'))).toEqual({ [two]: lease })
      const hex = na('x', 'fd00::2').replace('"x"', '1:22:62:7D')
      expect(found(na(first, 'fd00::1') + hex)).toEqual({ [two]: lease })
    }
  })

  test('may be written with an underscore', () => {
    expect(found(na('a', 'fd00::1').replace('ia-na', 'ia_na'))).toEqual({ [one]: lease })
  })
})

test('the same text as an address and as a prefix, and prefixes of two lengths, are different leases', () => {
  const pd = (length: number) => `ia-pd "a${length}" { iaprefix fd00::/${length} { ${active} } }`
  expect(found(na('a', 'fd00::') + pd(48) + pd(56))).toEqual({
    'na fd000000000000000000000000000000': lease,
    'pd fd000000000000000000000000000000/48': lease,
    'pd fd000000000000000000000000000000/56': lease,
  })
})

describe('the state of an address', () => {
  test.each([
    ['binding state abandoned; ends never;', 'abandoned', Number.POSITIVE_INFINITY],
    ['binding state released; ends epoch 5;', 'released', 5],
    ['binding state expired; ends epoch 5;', 'expired', 5],
    ['binding state free; ends epoch 5;', 'free', 5],
    ['ends epoch 5;', '(none)', 5],
    ['binding state active; next binding state expired; ends epoch 5;', 'active', 5],
    ['binding state active; preferred-life 1800\nmax-life 3600; ends epoch 5;', 'active', 5],
    ['binding state active; ends epoch 5; on release { binding state free; ends never; }', 'active', 5],
    ['binding state active; ends epoch 5; set note = "} binding state free; {";', 'active', 5],
  ])('%s', (body, state, own) => {
    expect(found(`ia-na "a" { iaaddr fd00::1 { ${body} } }`)).toEqual({ [one]: { state, end: own } })
  })
})

describe('what is malformed is skipped, and what stood before stands', () => {
  const before = na('a', 'fd00::1')
  const block = (body: string, head = 'ia-na "a"') => `${head} { ${body} }`

  test.each([
    ['an unknown state', block('iaaddr fd00::1 { binding state odd; }')],
    ['a bad date', block('iaaddr fd00::1 { binding state free; ends 5 never; }')],
    ['words without an end', block('iaaddr fd00::1 { binding state free; ends never }')],
    ['a bad transaction', block('cltt never ever; iaaddr fd00::1 { binding state free; }')],
    ['a bad address', block('iaaddr fd00::g { }')],
    ['an address with a length', block('iaaddr fd00::1/64 { binding state free; }')],
    ['a prefix among addresses', block('iaprefix fd00::/64 { binding state free; }')],
    ['an address that is cut off', block('iaaddr fd00::1 { binding state free; } x')],
    ['no identifier', block('iaaddr fd00::1 { binding state free; }', 'ia-na')],
    ['an identifier that is none', block('iaaddr fd00::1 { binding state free; }', 'ia-na 0g:1')],
    ['too long an identifier', block('iaaddr fd00::1 { binding state free; }', `ia-na "${'x'.repeat(2000)}"`)],
    ['more addresses than any has', block('iaaddr fd00::2 { } '.repeat(4097))],
  ])('%s', (_what, text) => {
    const { leases } = readText(before + text)
    expect(leases.malformed).toBeGreaterThan(0)
    expect(found(before + text)).toEqual({ [one]: lease })
  })

  test('of two addresses the other one is taken', () => {
    const text = block(`iaaddr fd00::1 { binding state odd; } iaaddr fd00::2 { ${active} }`)
    expect(found(before + text)).toEqual({ [one]: lease, [two]: lease })
    expect(factsOf(before + text)).toEqual([3, 1, false])
  })
})

describe('a block that is cut off', () => {
  const before = na('a', 'fd00::1')
  test.each(['ia-na "a"', 'ia-na "a" { iaaddr fd00::1 { ', 'ia-na "a" { iaaddr fd00::1 { ends never; } '])(
    'at the end is dropped: %s',
    text => {
      expect(found(before + text)).toEqual({ [one]: lease })
      expect(factsOf(before + text)).toEqual([1, 0, true])
    },
  )

  test.each(['{ ', '{ iaaddr fd00::1 { ', '{ iaaddr fd00::1 { binding state fr', '{ cltt 5 '])(
    'and written on behind is skipped: %s',
    text => {
      expect(found(`${before}ia-na "a" ${text}\n${na('b', 'fd00::2')}`)).toEqual({ [one]: lease, [two]: lease })
      expect(factsOf(`${before}ia-na "a" ${text}\n${na('b', 'fd00::2')}`)).toEqual([3, 1, false])
    },
  )

  test('counts once, however it is read on', () => {
    const text = octets(`${before}ia-na "c" { cltt 5 \n${na('b', 'fd00::2')}`)
    for (let cut = 0; cut <= text.length; cut++) {
      const { leases } = readOn('isc-dhcpd', read('isc-dhcpd', text.subarray(0, cut)), text)
      expect([leases.entries, leases.malformed]).toEqual([3, 1])
    }
  })
})

test('the newest transaction is that of the IAs', () => {
  const { leases } = readText(na('a', 'fd00::1') + na('b', 'fd00::2').replace(String(end - 60), String(end - 30)))
  expect([leases.newestTransaction('ipv4'), leases.newestTransaction('ipv6')]).toEqual([undefined, end - 30])
})

test('a file with leases of both families has none of its own', () => {
  const both = readText(`${na('a', 'fd00::1')} lease 10.0.0.1 { ${active} }`)
  expect(both.facts.family).toBeUndefined()
  const more = octets(`${na('a', 'fd00::1')} lease 10.0.0.1 { ${active} } lease 10.0.0.2 { ${active} }`)
  expect(readOn('isc-dhcpd', both, more).facts.family).toBeUndefined()
})

test('who holds the leases', () => {
  const { leases } = read('isc-dhcpd', fixture('isc-dhcpd/v6-small.leases'), { keepsDetails: true })
  const details = [...leases.ipv6.shards()].flatMap(({ details }) => details?.filter(own => own !== undefined) ?? [])
  expect(details).toContainEqual({ hwaddr: '', clientId: '00:01:00:01:1d:22:5c:7d:02:00:00:00:06:01', hostname: '' })
})
