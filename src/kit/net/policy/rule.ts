import { isIP } from 'node:net'
import type { PolicyReason } from '../../failure.ts'
import { compilePattern } from '../../regexp.ts'
import { asciiHost } from '../ascii-host.ts'
import { unbracketed } from '../target.ts'
import { type Network, parseNetwork } from './networks.ts'
import { defaultPorts, normalHost, pathForms, type View } from './view.ts'

/** One entry of `targets.allow` or `targets.deny`. */
export interface Rule {
  /** As it was written. */
  readonly text: string
  /** The addresses that it is about; undefined for all. */
  readonly network: Network | undefined
  readonly port: number | undefined
  /** What it says more than the other components; what it denies is denied for this. */
  readonly word: PolicyReason
  /** The first component that does not fit, addresses aside; `every`: each form of a path has to fit. */
  misses(view: View, every: boolean): PolicyReason | undefined
}

const expected =
  'expected a host, *.example.com, an address or a network, each with or without a port, a URL prefix, or ~ and a pattern'

/** Names as they can stand in a URL; the last label of no name is a number. */
const name = /^(?:[\w-]+\.)*(?!(?:\d+|0x[\da-f]*)$)[\w-]+$/

type HostTest = (host: string) => boolean

function hostTest(text: string): HostTest | undefined {
  if (text === '*') return () => true
  const isWildcard = text.startsWith('*.')
  const host = normalHost(asciiHost(isWildcard ? text.slice(2) : text) ?? '')
  if (!name.test(host)) return undefined
  return isWildcard ? other => other.endsWith(`.${host}`) : other => other === host
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '*') return undefined
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535)
    throw new Error(`'${text}': expected a port from 1 to 65535`)
  return port
}

/** Whether a path is the prefix, or goes on behind it with a whole component. */
const isBelow = (path: string, prefix: string) =>
  path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)

interface Parts {
  readonly scheme?: string
  readonly host: string
  readonly port: number | undefined
  readonly path?: string
}

function wordOf({ scheme, host, port, path = '/' }: Parts, network: Network | undefined): PolicyReason {
  if (network !== undefined) return 'address'
  if (path !== '/') return 'path'
  if (host !== '*') return 'host'
  if (scheme !== undefined) return 'scheme'
  return port === undefined ? 'host' : 'port'
}

function build(text: string, parts: Parts): Rule {
  const { scheme, host, port, path = '/' } = parts
  const network = parseNetwork(unbracketed(host))
  const isHost = network === undefined ? hostTest(host) : () => true
  if (isHost === undefined) throw new Error(`'${text}': ${expected}`)
  const prefixes = pathForms(path)
  return {
    text,
    network,
    port,
    word: wordOf(parts, network),
    misses(view, every) {
      if (!isHost(view.host)) return 'host'
      if (scheme !== undefined && scheme !== view.scheme) return 'scheme'
      if (port !== undefined && port !== view.port) return 'port'
      if (path === '/') return undefined
      const fits = (form: string, at: number) => isBelow(form, prefixes[at] ?? '')
      return (every ? view.paths().every(fits) : view.paths().some(fits)) ? undefined : 'path'
    },
  }
}

function pattern(text: string): Rule {
  try {
    const compiled = compilePattern(text.slice(1))
    const fits = (form: string) => compiled.test(form)
    const misses: Rule['misses'] = ({ texts }, every) =>
      (every ? texts().every(fits) : texts().some(fits)) ? undefined : 'host'
    return { text, network: undefined, port: undefined, word: 'host', misses }
  } catch (error) {
    throw new Error(`bad regular expression: ${(error as Error).message}`)
  }
}

/** `[scheme://]host[:port][/path]`, where only a host without a scheme may be a network. */
function partsOf(text: string): Parts | undefined {
  const url = /^([a-z][a-z\d+.-]*):\/\/(\[[^\]]*\]|[^/?#:@[\]]*)(?::(\d*|\*))?(\/[^?#]*)?$/i.exec(text)
  if (url !== null) {
    const [, given = '', host = '', port, path = '/'] = url
    const scheme = given.toLowerCase()
    if (defaultPorts[scheme] === undefined) throw new Error(`'${given}': expected http, https or tls`)
    if (isIP(host) === 4 && /^\/\d{1,3}(:|$)/.test(path)) throw new Error(`'${text}': a network takes no scheme`)
    return { scheme, host, port: portOf(port ?? String(defaultPorts[scheme])), path }
  }
  if (text.includes('://')) throw new Error(`'${text}': expected a URL prefix such as https://*.example.com/path`)
  if (parseNetwork(text) !== undefined) return { host: text, port: undefined }
  const [, host, port] = /^(\[?[\da-f:.]+\]?\/\d{1,3}|\[[\da-f:.]+\]|[^/:]+)(?::(.*))?$/i.exec(text) ?? []
  return host === undefined ? undefined : { host: host.replace(/[[\]]/g, ''), port: portOf(port) }
}

/** Reads one entry. Throws an `Error` that says what is wrong with it. */
export function parseRule(text: string): Rule {
  if (text.startsWith('~')) return pattern(text)
  const parts = partsOf(text)
  if (parts === undefined || parts.host === '') throw new Error(`'${text}': ${expected}`)
  return build(text, parts)
}
