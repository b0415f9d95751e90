import type { Family } from '../leases.ts'
import { type Address, parseAddress } from '../pools/address.ts'
import { createPool, type Pool } from '../pools/pool.ts'
import { BadRange, type Network, networkOf, networkText, rangeBetween, rangeText } from '../pools/range.ts'

/** dhcpd reads the parts of a dotted quad as decimal numbers, however many zeros they begin with. */
const withoutLeadingZeros = (text: string): string => text.replace(/(?<!\d)0+(?=\d)/g, '')

function needAddress(text: string | undefined, family: Family): Address {
  const address = parseAddress(family === 'ipv4' ? withoutLeadingZeros(text ?? '') : (text ?? ''))
  if (address?.family !== family) throw new BadRange(`expected an ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address`)
  return address
}

/** The parts of a statement's words. Throws `BadRange` when it has another form. */
function match(pattern: RegExp, words: string, form: string): readonly (string | undefined)[] {
  const parts = pattern.exec(words)
  if (parts === null) throw new BadRange(`expected ${form}`)
  return parts.slice(1)
}

/** dhcpd takes a range from high to low as well. */
const between = (a: Address, b: Address) => (a.value > b.value ? rangeBetween(b, a) : rangeBetween(a, b))

/** The network of `subnet ADDRESS netmask MASK`. Throws `BadRange`, as all of these. */
export function subnet4(words: string): Network {
  const [number, mask] = match(/^(\S+) netmask (\S+)$/i, words, 'subnet ADDRESS netmask MASK')
  const bits = needAddress(mask, 'ipv4').value.toString(2).padStart(32, '0')
  if (!/^1*0*$/.test(bits)) throw new BadRange('expected a netmask such as 255.255.255.0')
  return networkOf(needAddress(number, 'ipv4'), bits.lastIndexOf('1') + 1)
}

/** The network of `subnet6 ADDRESS/LENGTH`. */
export function subnet6(words: string): Network {
  const [number, length] = match(/^(\S+?) ?\/ ?(\d{1,3})$/, words, 'subnet6 ADDRESS/LENGTH')
  return networkOf(needAddress(number, 'ipv6'), Number(length))
}

/** `range [dynamic-bootp] FIRST [LAST]`. */
export function range4(words: string, sharedNetwork: string): Pool {
  const [first, last = first] = match(/^(?:dynamic-bootp )?(\S+)(?: (\S+))?$/i, words, 'range FIRST LAST')
  const range = between(needAddress(first, 'ipv4'), needAddress(last, 'ipv4'))
  return createPool(range, { name: rangeText(range), sharedNetwork })
}

/** `range6 FIRST LAST`, `range6 NETWORK [temporary]` or `range6 ADDRESS temporary`, which is a network of length 64. */
export function range6(words: string, sharedNetwork: string): Pool {
  const form = /^([^\s/]+)(?: ?\/ ?(\d{1,3})(?: temporary)?|( temporary)| (\S+))$/i
  const [first, length, temporary, last] = match(form, words, 'range6 FIRST LAST or range6 NETWORK')
  const from = needAddress(first, 'ipv6')
  if (length !== undefined || temporary !== undefined) {
    const network = networkOf(from, Number(length ?? 64))
    return createPool(network, { name: networkText(network), sharedNetwork })
  }
  const range = between(from, needAddress(last, 'ipv6'))
  return createPool(range, { name: rangeText(range), sharedNetwork })
}

/** `prefix6 FIRST LAST /LENGTH`: the last prefix, too, is delegated as a whole. */
export function prefix6(words: string, sharedNetwork: string): Pool {
  const [first, last, length] = match(/^(\S+) ([^\s/]+) ?\/ ?(\d{1,3})$/, words, 'prefix6 FIRST LAST /LENGTH')
  const range = between(needAddress(first, 'ipv6'), needAddress(last, 'ipv6'))
  const delegatedLength = Number(length)
  const end = networkOf({ family: 'ipv6', value: range.last }, delegatedLength).last
  return createPool({ ...range, last: end }, { name: `${rangeText(range)}/${length}`, sharedNetwork, delegatedLength })
}
