import { isIP, type Socket } from 'node:net'
import { ProbeFailure } from '../../failure.ts'
import type { ProbeLog } from '../../prober.ts'
import { octetsOf } from '../address.ts'
import type { HostPort } from '../target.ts'
import { hostPort, type ProxyServer } from './proxy-url.ts'
import { readExactly } from './read.ts'

const version = 5
const loginVersion = 1
const connectCommand = 1
const methods = { none: 0, login: 2, noneFits: 0xff } as const
const addressTypes = { ip4: 1, name: 3, ip6: 4 } as const

/** RFC 1928, 6. */
const refusals: Readonly<Record<number, string>> = {
  1: 'general failure',
  2: 'connection not allowed by its rules',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'TTL expired',
  7: 'command not supported',
  8: 'address type not supported',
}

const notSocks = () => new ProbeFailure('connect', 'the proxy did not answer in SOCKS5')

/** Text or octets behind an octet with their length. */
function counted(text: string): Buffer {
  const octets = Buffer.from(text)
  return Buffer.from([octets.length, ...octets])
}

/** RFC 1929. */
async function logIn(socket: Socket, { username = '', password }: ProxyServer, signal: AbortSignal): Promise<void> {
  socket.write(Buffer.from([loginVersion, ...counted(username), ...counted(password?.peek() ?? '')]))
  const [answered, status] = await readExactly(socket, 2, signal)
  if (answered !== loginVersion) throw notSocks()
  if (status !== 0) throw new ProbeFailure('auth', 'the proxy did not accept user name and password')
}

async function greet(socket: Socket, proxy: ProxyServer, signal: AbortSignal): Promise<void> {
  const offered: number[] = proxy.username === undefined ? [methods.none] : [methods.none, methods.login]
  socket.write(Buffer.from([version, offered.length, ...offered]))
  const [answered, method = methods.noneFits] = await readExactly(socket, 2, signal)
  if (answered !== version) throw notSocks()
  if (method === methods.noneFits) {
    throw new ProbeFailure('auth', `the proxy wants ${offered.includes(methods.login) ? 'another kind of' : 'a'} login`)
  }
  if (!offered.includes(method)) throw notSocks()
  if (method === methods.login) await logIn(socket, proxy, signal)
}

function destination({ host, port }: HostPort): Buffer {
  const family = isIP(host)
  const portOctets = [port >> 8, port & 255]
  if (family === 4) return Buffer.from([addressTypes.ip4, ...octetsOf(host, 4), ...portOctets])
  if (family === 6) return Buffer.from([addressTypes.ip6, ...octetsOf(host, 6), ...portOctets])
  if (Buffer.byteLength(host) > 255) throw new ProbeFailure('connect', 'the host name is too long for a SOCKS proxy')
  return Buffer.from([addressTypes.name, ...counted(host), ...portOctets])
}

/** Reads the address in an answer, which says from where the proxy connects: it matters to nobody. */
async function skipAddress(socket: Socket, type: number | undefined, signal: AbortSignal): Promise<void> {
  const portBytes = 2
  if (type === addressTypes.ip4) await readExactly(socket, 4 + portBytes, signal)
  else if (type === addressTypes.ip6) await readExactly(socket, 16 + portBytes, signal)
  else if (type === addressTypes.name) {
    const [length = 0] = await readExactly(socket, 1, signal)
    await readExactly(socket, length + portBytes, signal)
  } else throw notSocks()
}

/**
 * Asks a SOCKS5 proxy to connect to a target (RFC 1928). Names are left to the proxy with `socks5://` too, as in Go.
 * What comes after its answer stays in the socket. Throws `ProbeFailure`: `auth` when it wants another login, `connect`
 * for anything else it refuses.
 */
export async function askSocks(
  socket: Socket,
  proxy: ProxyServer,
  target: HostPort,
  { signal, log }: { readonly signal: AbortSignal; readonly log: ProbeLog },
): Promise<void> {
  const wanted = destination(target)
  log.debug('asking the proxy for a connection', { to: hostPort(target), login: proxy.username !== undefined })
  await greet(socket, proxy, signal)
  socket.write(Buffer.from([version, connectCommand, 0, ...wanted]))
  const [answered, code = 0, reserved, type] = await readExactly(socket, 4, signal)
  if (answered !== version || reserved !== 0) throw notSocks()
  const refusal = code === 0 ? undefined : (refusals[code] ?? `code ${code}`)
  log.debug('the proxy answered', { reply: refusal ?? 'succeeded' })
  if (refusal !== undefined) throw new ProbeFailure('connect', `the proxy answered: ${refusal}`)
  await skipAddress(socket, type, signal)
}
