import { describe, expect, test } from 'vitest'
import { fixture, read, records } from './reading.ts'

const lease = (more: string, end = '1795243600658855') =>
  `{"ClientId":[1,2,0],"Address":[192,168,124,26],"HardwareAddress":[2,0,0,0,10,1],"ExpirationRealtimeUSec":${end}${more}}`
const object = (...leases: string[]) => `{"BootID":"d7","Address":[192,168,124,1],"Leases":[${leases.join()}]}`

const readText = (text: string, keepsDetails = false) => read('systemd-networkd', Buffer.from(text), { keepsDetails })
const stateOf = (text: string) => {
  const { leases, facts } = readText(text)
  return [leases.entries, leases.malformed, facts.incompleteTail]
}

describe('the list of leases', () => {
  test.each([
    ['in an object', object(lease(''))],
    ['alone, as in the first form', `[${lease('')}]`],
    ['with white space', `\n { "Leases" : [\t${lease('')} ] } \n`],
    ['with NULs behind', `${object(lease(''))}\0\0\0`],
    ['with unknown members', object(lease(',"x":{"Address":[1,2,3,4],"y":[[],{}]},"z":null,"Hostname":7'))],
    ['and further lists', `{"Other":[{"Address":[1,2,3,4],"ExpirationRealtimeUSec":1}],"Leases":[${lease('')}]}`],
  ])('%s', (_what, text) => {
    expect(Object.fromEntries(records(readText(text)))).toEqual({
      '192.168.124.26': { state: 'active', end: 1795243600.658855 },
    })
    expect(stateOf(text)).toEqual([1, 0, false])
  })
})

describe('ends', () => {
  test.each([
    ['18446744073709551615', Number.POSITIVE_INFINITY],
    ['0', 0],
    ['1000000', 1],
    ['1.5e6', 1.5],
  ])('%s', (text, end) => {
    expect(records(readText(object(lease('', text)))).get('192.168.124.26')?.end).toBe(end)
  })
})

describe('leases that are malformed', () => {
  test.each([
    ['no address', '{"ExpirationRealtimeUSec":5}'],
    ['an address of three', '{"Address":[1,2,3],"ExpirationRealtimeUSec":5}'],
    ['an address that is none', '{"Address":[1,2,3,256],"ExpirationRealtimeUSec":5}'],
    ['a broken address', '{"Address":[1,2,3,0.5],"ExpirationRealtimeUSec":5}'],
    ['an address in a text', '{"Address":"10.0.0.1","ExpirationRealtimeUSec":5}'],
    ['an end by the clock of the boot alone', '{"Address":[1,2,3,4],"ExpirationUSec":5}'],
    ['an end in a text', '{"Address":[1,2,3,4],"ExpirationRealtimeUSec":"5"}'],
    ['a negative end', '{"Address":[1,2,3,4],"ExpirationRealtimeUSec":-5}'],
  ])('%s', (_what, text) => {
    expect(stateOf(object(text, lease('')))).toEqual([2, 1, false])
  })

  test.each([
    '{"Leases":[}',
    '{"Leases":[1,]}',
    '[1 2]',
    '{"a" 1}',
    '{a:1}',
    '"x',
    '[tru]',
    '[01]',
    '{}}',
    '[] []',
    '["\n"]',
  ])('what is no JSON: %j', text => {
    const { leases, facts } = readText(text)
    const isCut = text === '"x'
    expect([leases.malformed, facts.incompleteTail]).toEqual(isCut ? [0, true] : [1, false])
    if (!isCut) expect(facts.firstMalformed).toMatch(/^octet \d+$/)
  })

  test('nesting without end', () => {
    expect(stateOf('['.repeat(100_000))).toEqual([1, 1, false])
  })
})

test('a file that is cut keeps the leases that are whole', () => {
  const text = object(lease(''), lease('').replace('26]', '27]'))
  for (let length = 1; length < text.length; length++) {
    const [entries, malformed, isCut] = stateOf(text.slice(0, length))
    expect([malformed, isCut]).toEqual([0, true])
    expect(entries).toBe(length < text.indexOf('},{') + 1 ? 0 : length < text.length - 2 ? 1 : 2)
  }
})

test('who holds the leases', () => {
  const { leases } = read('systemd-networkd', fixture('systemd-networkd/synthetic-v256.json'), { keepsDetails: true })
  const details = [...leases.ipv4.shards()].flatMap(({ details }) => details?.filter(own => own !== undefined) ?? [])
  expect(details).toContainEqual({ hwaddr: '02:00:00:00:0a:01', clientId: '01:02:00:00:00:0a:01', hostname: 'w1' })
  const escaped = readText(object(lease(',"Hostname":"a\\u0041\\n\\"é"')), true)
  expect([...escaped.leases.ipv4.shards()][0]!.details!.find(own => own !== undefined)?.hostname).toBe('aA\n"é')
})
