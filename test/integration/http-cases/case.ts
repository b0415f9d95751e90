import { pemFile } from '../../probers/http/support.ts'
import type { DifferenceName } from '../support/differences.ts'

export type Options = Readonly<Record<string, unknown>>

/** One probe, asked of both exporters. `(name)` stands for the address of that server, also in the options. */
export interface Case {
  readonly name: string
  readonly target: string
  /** The section `http` of the module. */
  readonly http: Options
  /** The same in the words of blackbox_exporter 0.23.0, where `http` has keys that are newer. */
  readonly older?: Options
  /** The module's. */
  readonly timeout?: string
  readonly hostname?: string
  readonly scrapeTimeoutSeconds?: number
  /** Why sonde's probe fails; absent: it succeeds. */
  readonly fails?: string
  /** The status of `/probe` itself; 200 unless given. */
  readonly refused?: number
  /** Some of what sonde tells. */
  readonly shows?: Readonly<Record<string, number>>
  readonly differs?: readonly DifferenceName[]
}

type More = Omit<Case, 'name' | 'target' | 'http'>

/** A case in a line: what fails may stand for all that is said of it besides. */
export const ask = (name: string, target: string, http: Options = {}, more: More | string = {}): Case => ({
  name,
  target,
  http,
  ...(typeof more === 'string' ? { fails: more } : more),
})

export const ip4 = { preferred_ip_protocol: 'ip4' }

/** Options that trust the authority of the test servers. */
export const trusting = (tls: Options = {}): Options => ({ ...ip4, tls_config: { ca_file: pemFile('ca.crt'), ...tls } })

/** A path that redirects there. */
export const to = (location: string, status = 302): string => `/to/${status}/${encodeURIComponent(location)}`
