import { readFileSync } from 'node:fs'
import type { Asked } from '../../support/servers.ts'

/** What a request said, but for the version of the one who asked; its headers as sorted lines. */
export interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: readonly string[]
  readonly body: string
}

/** What is probed. */
export interface Targets {
  /** The port of each, on 127.0.0.1. */
  readonly ports: Readonly<Record<string, number>>
  /** Variables for the environment of sonde. */
  readonly env?: NodeJS.ProcessEnv
  /** What they were asked since the last call, as far as they tell. */
  takeSent(): readonly Sent[]
}

/** Puts the address of a target for `(name)`, and its port for `(name.port)`. */
export const fill = (text: string, { ports }: Pick<Targets, 'ports'>): string =>
  text.replace(/\(([a-z0-9]+)(\.port)?\)/g, (whole, name: string, port?: string) => {
    if (!(name in ports)) return whole
    return port === undefined ? `127.0.0.1:${ports[name]}` : String(ports[name])
  })

/** A form in one order, as its order means nothing. */
const sortedForm = (body: string) => body.split('&').sort().join('&')

export const asSent = ({ method, url, headers, rawHeaders, body }: Asked): Sent => ({
  method,
  url,
  body: headers['content-type'] === 'application/x-www-form-urlencoded' ? sortedForm(body) : body,
  headers: rawHeaders
    .flatMap((name, at) => (at % 2 === 0 ? [`${name.toLowerCase()}: ${rawHeaders[at + 1]}`] : []))
    .map(line => line.replace(/^(user-agent): (Blackbox.Exporter|sonde)\/\S+$/, '$1: its own'))
    .sort(),
})

/** Reads the lines that a log file got since the last call. */
export function tail(file: string): () => readonly string[] {
  let seen = 0
  return () => {
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
    const fresh = lines.slice(seen)
    seen = lines.length
    return fresh
  }
}
