import type { Socket } from 'node:net'
import { openThroughProxy, type ProxyMeans } from '../../../../src/kit/net/proxy/open.ts'
import { checkProxy, proxyOptions } from '../../../../src/kit/net/proxy/options.ts'
import { parseProxy } from '../../../../src/kit/net/proxy/proxy-url.ts'
import type { TlsConfig } from '../../../../src/kit/net/tls/options.ts'
import { z } from '../../../../src/kit/options.ts'
import type { LogFields } from '../../../../src/kit/prober.ts'
import { pem } from '../../../support/identities.ts'

export const schema = z.strictObject(proxyOptions).superRefine(checkProxy)

/** Options as they are after loading. */
export const parse = (options: Readonly<Record<string, unknown>>) => schema.parse(options)

/** Trusts the tests' authority. */
export const trusting: TlsConfig = { insecure_skip_verify: false, ca: pem('ca.crt') }

const longEnoughMs = 10_000

export interface Opened {
  readonly socket: Socket
  /** All owners of the connection, in turn. */
  readonly owners: readonly Socket[]
  readonly log: string
}

/** Opens a connection through a proxy. */
export async function open(
  proxy: string,
  target: string | undefined,
  means: Partial<ProxyMeans> = {},
  signal = AbortSignal.timeout(longEnoughMs),
): Promise<Opened> {
  const owners: Socket[] = []
  let log = ''
  const line = (message: string, fields: LogFields = {}) => {
    const shown = Object.entries(fields).map(
      ([name, value]) => `${name}=${typeof value === 'function' ? value() : value}`,
    )
    log += `${[message, ...shown].join(' ')}\n`
  }
  const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(target ?? '') ?? []
  const socket = await openThroughProxy(
    parseProxy(proxy),
    target === undefined ? undefined : { host, port: Number(port) },
    { preferred_ip_protocol: 'ip4', ...means },
    owner => owners.push(owner),
    { signal, remainingMs: () => longEnoughMs, now: Date.now, log: { debug: line, info: line, warn: line } },
  )
  return { socket, owners, log }
}
