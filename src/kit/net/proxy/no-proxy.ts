import { BlockList, isIP, isIPv6 } from 'node:net'
import { asciiHost } from '../ascii-host.ts'
import { unbracketed } from '../target.ts'

/** What a request goes to. */
interface Destination {
  /** Name or address, without brackets. */
  readonly host: string
  readonly port: number
  /** The address of that name, if known. */
  readonly address: string | undefined
}

/** A list of what is reached without the proxy. */
export interface NoProxy {
  /** As it was written. */
  readonly text: string
  /** The entries that mean nothing. */
  readonly junk: readonly string[]
  matches(destination: Destination): boolean
}

/** What an entry should have been. */
export const entryExpected =
  'expected a host, a domain such as .example.com, an address, a network such as 10.0.0.0/8, or *'

type Rule = (destination: Destination) => boolean

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')

function hasAddressIn(list: BlockList, { host, address }: Destination): boolean {
  return [host, address ?? '']
    .map(text => text.replace(/%.*$/, ''))
    .some(text => isIP(text) !== 0 && list.check(text, familyOf(text)))
}

function addressRule(address: string, bits?: number): Rule | undefined {
  const most = isIPv6(address) ? 128 : 32
  if (isIP(address) === 0 || address.includes('%') || (bits ?? most) > most) return undefined
  const list = new BlockList()
  list.addSubnet(address, bits ?? most, familyOf(address))
  return destination => hasAddressIn(list, destination)
}

/** Labels, the last of which is not a number: no host name ends so, only a misspelt address does. */
const name = /^(?:[\w-]+\.)*(?!\d+$)[\w-]+\.?$/

/** `example.com` and `*.example.com` as in Go: the first is the name and all below it, the second just the latter. */
function nameRule(entry: string): Rule | undefined {
  const ascii = asciiHost(entry)?.replace(/^\*(?=\.)/, '') ?? ''
  const bare = ascii.replace(/^\./, '')
  if (!name.test(bare)) return undefined
  const isExact = bare === ascii
  return ({ host }) => host.endsWith(`.${bare}`) || (isExact && host === bare)
}

function ruleOf(entry: string): Rule | undefined {
  if (entry === '*') return () => true
  if (isIPv6(entry)) return addressRule(entry)
  const [, network, bits] = /^(.+)\/(\d{1,3})$/.exec(entry) ?? []
  if (network !== undefined) return addressRule(network, Number(bits))
  const [, host = '', port] = /^(.+?)(?::(\d{1,5}))?$/.exec(entry) ?? []
  const rule = addressRule(unbracketed(host)) ?? nameRule(host)
  if (rule === undefined || port === undefined) return rule
  return destination => destination.port === Number(port) && rule(destination)
}

/**
 * Compiles a list by the rules of Go (golang.org/x/net/http/httpproxy): comma-separated names, addresses and networks,
 * the first two with a port if wanted, or `*`. Unlike there, an address also counts for a name that has it.
 */
export function compileNoProxy(text: string): NoProxy {
  const entries = text.split(',').flatMap(entry => entry.trim().toLowerCase() || [])
  const rules = entries.map(ruleOf)
  return {
    text,
    junk: entries.filter((_entry, index) => rules[index] === undefined),
    matches: destination => rules.some(rule => rule?.(destination)),
  }
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Whether Go's rules keep a request from the proxy without being told. */
export const isLocal = (destination: Destination): boolean =>
  destination.host === 'localhost' || hasAddressIn(loopback, destination)
