import { type LookupAddress, lookup } from 'node:dns'
import { isIP, isIPv6 } from 'node:net'
import { untilAborted } from '../abort.ts'
import { Denied, ProbeFailure } from '../failure.ts'
import { createLimiter } from '../limiter.ts'
import { gauge, type MetricSink } from '../metrics.ts'
import type { ProbeContext, ProbeLog, TargetPolicy } from '../prober.ts'
import type { Destination } from './target.ts'

export interface NetContext {
  readonly signal: AbortSignal
  readonly policy: TargetPolicy
  readonly log: ProbeLog
}

/** The options of `addressOptions`, as parsed. */
export interface AddressChoice {
  readonly preferred_ip_protocol: 'ip4' | 'ip6'
  readonly ip_protocol_fallback: boolean
}

export interface Address {
  readonly address: string
  readonly family: 4 | 6
}

export interface ResolvedAddress extends Address {
  readonly ms: number
  /** The other addresses that may be tried: first those of the same family. */
  readonly others: readonly Address[]
}

const lookupTime = gauge('probe_dns_lookup_time_seconds', 'Returns the time taken for probe dns lookup in seconds')
const ipProtocol = gauge('probe_ip_protocol', 'Specifies whether probe ip protocol is IP4 or IP6')
const ipAddrHash = gauge(
  'probe_ip_addr_hash',
  "Specifies the hash of IP address. It's useful to detect if the IP address changes.",
)

/** The metrics of `resolveTarget`. */
export const addressMetrics = [lookupTime, ipProtocol, ipAddrHash]

// getaddrinfo runs on libuv's threads, which file reads need as well: leave one of them free, so that slow name servers
// never hold up lease files. A lookup that gets no turn before its deadline is sonde's trouble, not the target's.
const threads = Number(process.env.UV_THREADPOOL_SIZE ?? 4)
const lookups = createLimiter(Math.max(1, (Number.isInteger(threads) ? threads : 4) - 1), 4096)

/** Lookups under way: probes of the same name share one, so that a dead name holds one thread. */
const underWay = new Map<string, Promise<readonly LookupAddress[]>>()

function systemLookup(host: string, family: 0 | 4 | 6): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(host, { all: true, family, verbatim: true }, (error, found) => (error ? reject(error) : resolve(found)))
  })
}

/** Starts a lookup unless another probe has; the slot is taken until getaddrinfo returns, whatever became of the probe. */
function startLookup(key: string, host: string, family: 0 | 4 | 6, release: () => void): void {
  if (underWay.has(key)) {
    release()
    return
  }
  const end = () => {
    underWay.delete(key)
    release()
  }
  const found = systemLookup(host, family)
  found.then(end, end)
  underWay.set(key, found)
}

/** `::ffff:192.0.2.1`, however it is written, is the IPv4 address 192.0.2.1 (RFC 4291, 2.5.5.2); else the text itself. */
export function unmapped(host: string): string {
  if (!isIPv6(host)) return host
  const octets = octetsOf(host, 6)
  const isMapped = octets.slice(0, 10).every(octet => octet === 0) && octets[10] === 255 && octets[11] === 255
  return isMapped ? octets.slice(12).join('.') : host
}

const asAddress = ({ address, family }: LookupAddress): Address => ({ address, family: family === 4 ? 4 : 6 })

/** RFC 1035, 2.3.4, in text form. The system's resolver has no word for a longer name. */
const maxNameLength = 253

async function addressesOf(host: string, family: 0 | 4 | 6, signal: AbortSignal): Promise<readonly Address[]> {
  if (host.replace(/\.$/, '').length > maxNameLength) throw new ProbeFailure('resolve', 'the host name is too long')
  const address = unmapped(host)
  const literal = isIP(address)
  if (literal !== 0) return family === 0 || family === literal ? [asAddress({ address, family: literal })] : []
  const key = `${family} ${host}`
  if (!underWay.has(key)) await lookups.acquire(signal).then(release => startLookup(key, host, family, release))
  return (await untilAborted(underWay.get(key) ?? Promise.resolve([]), signal)).map(asAddress)
}

/**
 * Looks the host of a destination up through the system resolver and chooses one address: the first of the preferred family, else, with
 * `ip_protocol_fallback`, the first of the other one (blackbox_exporter takes the last). Literals pass the same check.
 * With `only`, addresses of another family are as good as absent.
 *
 * Throws `Denied` when the policy refuses the destination or any address of it, `ProbeFailure('resolve')` when none fits, and the
 * resolver's own error (ENOTFOUND, EAI_AGAIN) otherwise.
 */
export async function resolve(
  destination: Destination,
  choice: AddressChoice,
  net: NetContext,
  only?: 4 | 6,
): Promise<ResolvedAddress> {
  const started = performance.now()
  const { host } = destination
  const policy = net.policy.judge(destination)
  const preferred = choice.preferred_ip_protocol === 'ip4' ? 4 : 6
  const wanted = only ?? (choice.ip_protocol_fallback ? 0 : preferred)
  const found = await addressesOf(host, wanted, net.signal)
  const refused = found.find(({ address }) => !policy.allows(address))
  if (refused !== undefined) {
    net.log.info('the policy refuses an address of the host', { host, address: refused.address })
    throw new Denied('address')
  }
  const [chosen, ...others] = [
    ...found.filter(({ family }) => family === preferred),
    ...found.filter(({ family }) => family !== preferred),
  ]
  if (chosen === undefined) {
    throw new ProbeFailure('resolve', `${host} has no ${(only ?? preferred) === 4 ? 'IPv4' : 'IPv6'} address`)
  }
  const ms = performance.now() - started
  net.log.debug('resolved the target address', { host, address: chosen.address, seconds: ms / 1000 })
  return { ...chosen, ms, others }
}

/** The 4 or 16 octets of an address. */
export function octetsOf(address: string, family: 4 | 6): number[] {
  if (family === 4) return address.split('.').map(Number)
  const groups = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1).split('::')
  const [head = [], tail = []] = groups.map(side => (side === '' ? [] : side.split(':')))
  const zeros = groups.length === 2 ? Array<string>(8 - head.length - tail.length).fill('0') : []
  return [...head, ...zeros, ...tail].flatMap(group => [
    Number.parseInt(group, 16) >> 8,
    Number.parseInt(group, 16) & 255,
  ])
}

/** FNV-1a, 32 bit, over the octets of an address; 127.0.0.1 gives 3668918509, as in blackbox_exporter. */
export function addressHash(address: string, family: 4 | 6): number {
  let hash = 0x811c9dc5
  for (const octet of octetsOf(address, family)) hash = Math.imul(hash ^ octet, 0x01000193) >>> 0
  return hash
}

/** Reports the address that the target is probed at. */
export function setAddress(metrics: MetricSink, { address, family }: Address): void {
  metrics.set(ipProtocol, family)
  metrics.set(ipAddrHash, addressHash(address, family))
}

/** `resolve` for the target itself, with blackbox_exporter's metrics: they are there when it fails, too. */
export async function resolveTarget(
  destination: Destination,
  choice: AddressChoice,
  ctx: ProbeContext,
  only?: 4 | 6,
): Promise<ResolvedAddress> {
  const started = performance.now()
  const setTime = () => ctx.metrics.set(lookupTime, (performance.now() - started) / 1000)
  ctx.metrics.set(ipProtocol, 0)
  ctx.metrics.set(ipAddrHash, 0)
  ctx.signal.addEventListener('abort', setTime, { once: true }) // once it has aborted, the answer is sealed
  try {
    const resolved = await resolve(destination, choice, ctx, only)
    setAddress(ctx.metrics, resolved)
    return resolved
  } finally {
    ctx.signal.removeEventListener('abort', setTime)
    setTime()
  }
}
