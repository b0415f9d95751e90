import type { Family } from '../leases.ts'
import { parseAddress } from '../pools/address.ts'
import { createPool, type Pool } from '../pools/pool.ts'
import { BadRange, networkAround, networkOf, networkText, parsePrefix, parseRange, rangeText } from '../pools/range.ts'
import { type Node, readKeaJson } from './kea-json.ts'
import { atPlace, type Reading, ServerConfigError, type ServerPools } from './reading.ts'

/** A member of a map; undefined when there is none. */
function member(node: Node, key: string): Node | undefined {
  if (!(node.value instanceof Map)) throw new ServerConfigError(node.place, 'expected a map')
  return node.value.get(key)
}

function list(node: Node, key: string): readonly Node[] {
  const found = member(node, key)
  if (found === undefined) return []
  if (!Array.isArray(found.value)) throw new ServerConfigError(found.place, `expected a list of ${key}`)
  return found.value
}

function text(node: Node, key: string): string {
  const found = member(node, key)
  if (typeof found?.value !== 'string') throw new ServerConfigError((found ?? node).place, `expected a text: ${key}`)
  return found.value
}

function length(node: Node, key: string): number {
  const found = member(node, key)
  if (typeof found?.value !== 'number') throw new ServerConfigError((found ?? node).place, `expected a number: ${key}`)
  return found.value
}

const ofFamily = <T extends { family: Family }>(range: T, family: Family): T => {
  if (range.family !== family) throw new BadRange(`expected addresses of ${family}`)
  return range
}

/** Of `ADDRESS/LENGTH` Kea hands out the addresses from that one on (pool.cc, Pool4). */
function poolFrom(written: string, family: Family, sharedNetwork: string): Pool {
  const [address, prefixLength] = parsePrefix(written)
  const network = networkAround(ofFamily(address, family), prefixLength)
  const range = { ...network, first: address.value }
  return createPool(range, {
    name: range.first === network.first ? networkText(network) : rangeText(range),
    sharedNetwork,
  })
}

function addressPool(node: Node, family: Family, sharedNetwork: string): Pool {
  const written = text(node, 'pool')
  return atPlace(node.place, () => {
    if (written.includes('/')) return poolFrom(written, family, sharedNetwork)
    const range = ofFamily(parseRange(written), family)
    return createPool(range, { name: rangeText(range), sharedNetwork })
  })
}

/** RFC 6603: what is excluded lies within a prefix that is delegated all the same, so the size does not change. */
function checkExcluded(node: Node, delegatedLength: number): void {
  if (member(node, 'excluded-prefix') === undefined) return
  const excluded = parseAddress(text(node, 'excluded-prefix'))
  if (excluded?.family !== 'ipv6') throw new BadRange('expected an IPv6 prefix: excluded-prefix')
  const excludedLength = member(node, 'excluded-prefix-len') === undefined ? 0 : length(node, 'excluded-prefix-len')
  const isUnset = excluded.value === 0n && excludedLength === 0
  if (!isUnset && (excludedLength <= delegatedLength || excludedLength > 128)) {
    throw new BadRange('expected a longer prefix than the delegated ones: excluded-prefix-len')
  }
}

function prefixPool(node: Node, sharedNetwork: string): Pool {
  const prefix = parseAddress(text(node, 'prefix'))
  const [prefixLength, delegatedLength] = [length(node, 'prefix-len'), length(node, 'delegated-len')]
  return atPlace(node.place, () => {
    if (prefix?.family !== 'ipv6') throw new BadRange('expected an IPv6 prefix')
    const network = networkOf(prefix, prefixLength)
    networkOf({ family: 'ipv6', value: 0n }, delegatedLength)
    checkExcluded(node, delegatedLength)
    return createPool(network, { name: networkText(network), sharedNetwork, delegatedLength })
  })
}

const servers = [
  { key: 'Dhcp4', family: 'ipv4', subnets: 'subnet4' },
  { key: 'Dhcp6', family: 'ipv6', subnets: 'subnet6' },
] as const

type Server = (typeof servers)[number]

function poolsOf(subnets: readonly Node[], { family }: Server, sharedNetwork = ''): readonly Pool[] {
  return subnets.flatMap(subnet => [
    ...list(subnet, 'pools').map(pool => addressPool(pool, family, sharedNetwork)),
    ...(family === 'ipv6' ? list(subnet, 'pd-pools').map(pool => prefixPool(pool, sharedNetwork)) : []),
  ])
}

/** Reads the pools of a kea-dhcp4.conf or kea-dhcp6.conf, those in shared networks with their name. */
export function* readKea(path: string): Reading<ServerPools> {
  const root = yield* readKeaJson(path)
  const found = servers.filter(({ key }) => member(root, key) !== undefined)
  if (found.length === 0) throw new ServerConfigError(root.place, 'expected Dhcp4 or Dhcp6')
  const pools: Pool[] = []
  for (const server of found) {
    const config = member(root, server.key) as Node
    for (const network of list(config, 'shared-networks')) {
      pools.push(...poolsOf(list(network, server.subnets), server, text(network, 'name')))
      yield 'pause'
    }
    for (const subnet of list(config, server.subnets)) {
      pools.push(...poolsOf([subnet], server))
      yield 'pause'
    }
  }
  return { pools, warnings: [] }
}
