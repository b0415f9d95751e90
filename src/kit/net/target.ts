import { isIP, isIPv6 } from 'node:net'
import { BadRequest } from '../failure.ts'
import { asciiHost } from './ascii-host.ts'

/** Where to connect: a host name (ASCII form) or an IP address, and a port. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/** Where a connection is to go, as far as a target or a redirect tells. */
export interface Destination extends HostPort {
  /** That of a URL, such as `https`. */
  readonly scheme?: string | undefined
  /** Path and query of a URL. */
  readonly path?: string | undefined
  /** The name that the caller wants to be sent in place of the host's: both are judged. */
  readonly virtualHost?: string | undefined
  /** The only ports that `allow_private: false` leaves, unless the policy names another; undefined: all. */
  readonly usualPorts?: readonly number[]
}

/** The host of a URL without the brackets that an IPv6 address has there. */
export const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1')

/** The port of an http or https URL. */
export const portOfUrl = ({ port, protocol }: URL): number => Number(port || (protocol === 'https:' ? 443 : 80))

/** Where an http or https URL leads; `path` is path and query as they go out, with the dots that `URL` would resolve. */
export const destinationOf = (url: URL, path = url.pathname + url.search): Destination => ({
  scheme: url.protocol.slice(0, -1),
  host: unbracketed(url.hostname),
  port: portOfUrl(url),
  path,
})

const maxLength = 2048

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const unfit = /[\u0000-\u0020\u007f%/\\?#@]/

function portOf(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 65_535) {
    throw new BadRequest('malformed target: expected a port from 1 to 65535')
  }
  return Number(text)
}

function hostOf(text: string): string {
  if (isIP(text) !== 0) return text
  const ascii = asciiHost(text) ?? ''
  if (ascii === '' || ascii.length > 254 || /[:[\]]/.test(ascii))
    throw new BadRequest('malformed target: expected a host name or an address')
  return ascii
}

/**
 * Reads `host`, `host:port`, `[v6]:port`, `[v6]` or a bare IPv6 address; an international name becomes its ASCII form.
 * Throws `BadRequest` when the text is none of them, or when it names no port and there is no default.
 */
export function parseHostPort(target: string, defaultPort?: number): HostPort {
  if (target.length > maxLength || unfit.test(target)) throw new BadRequest('malformed target: expected host:port')
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(target)
  if (bracketed !== null) {
    const [, host = '', port] = bracketed
    if (!isIPv6(host)) throw new BadRequest('malformed target: expected an IPv6 address in brackets')
    return { host, port: port === undefined ? orDefault(defaultPort) : portOf(port) }
  }
  const colon = target.lastIndexOf(':')
  if (colon === -1 || isIPv6(target)) return { host: hostOf(target), port: orDefault(defaultPort) }
  return { host: hostOf(target.slice(0, colon)), port: portOf(target.slice(colon + 1)) }
}

function orDefault(port: number | undefined): number {
  if (port === undefined) throw new BadRequest('malformed target: the port is missing')
  return port
}
