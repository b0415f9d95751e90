import { describe, expect, test } from 'vitest'
import { compareServers, type Told } from '../../../../src/probers/dns/soa/verdict.ts'

const limits = { max_serial_lag: 0, require_aa: true }
const told = (label: string, serial: number, isAuthoritative = true): Told => ({
  label,
  serial,
  isAuthoritative,
  fault: undefined,
})
const broken = (label: string, fault: string, isAuthoritative?: boolean): Told => ({
  label,
  serial: undefined,
  isAuthoritative,
  fault,
})

describe('verdicts', () => {
  test.each([
    ['all alike', [told('a', 7), told('b', 7)], {}, 0, true, []],
    ['one server', [told('a', 7)], {}, 0, true, []],
    ['one behind', [told('a', 9), told('b', 7)], {}, 2, false, ['b is 2 behind a: 7, 9']],
    ['behind, but little', [told('a', 9), told('b', 7)], { max_serial_lag: 2 }, 2, true, []],
    [
      'behind around the circle',
      [told('a', 1), told('b', 0xffffffff)],
      {},
      2,
      false,
      ['b is 2 behind a: 4294967295, 1'],
    ],
    ['one silent', [told('a', 7), broken('b', 'it is silent')], {}, 0, false, ['b: it is silent']],
    ['none answers', [broken('a', 'x'), broken('b', 'y')], {}, undefined, false, ['a: x', 'b: y']],
    ['no servers', [], {}, undefined, true, []],
    ['not authoritative', [told('a', 7), told('b', 7, false)], {}, 0, true, ['b: the answer is not authoritative']],
    ['not authoritative, and need not be', [told('a', 7, false)], { require_aa: false }, 0, true, []],
    [
      'one fault for one server',
      [broken('a', 'it answers REFUSED', false)],
      {},
      undefined,
      false,
      ['a: it answers REFUSED'],
    ],
  ] as const)('%s', (_name, servers, more, lag, isConsistent, faults) => {
    expect(compareServers(servers, { ...limits, ...more })).toEqual({ lag, isConsistent, faults })
  })
})
