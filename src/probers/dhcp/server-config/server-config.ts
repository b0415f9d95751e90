import { existsSync } from 'node:fs'
import type { ProbeContext } from '../../../kit/prober.ts'
import { type Flight, Flights } from '../flights.ts'
import type { FormatName } from '../formats/format.ts'
import type { Family } from '../leases.ts'
import { findOverlaps, withoutOverlaps } from '../pools/overlaps.ts'
import { labelsOf, maxPools, type Pool } from '../pools/pool.ts'
import { createPoolMap, type PoolMap } from '../pools/pool-map.ts'
import { readDnsmasq } from './dnsmasq.ts'
import { haveChanged, type Identities, readNow, readSoon } from './files.ts'
import { readIsc } from './isc.ts'
import { readKea } from './kea.ts'
import { type Reading, ServerConfigError, type ServerPools } from './reading.ts'

const readers = { 'isc-dhcpd': readIsc, 'kea-csv': readKea, dnsmasq: readDnsmasq } as const

type ConfiguredFormat = keyof typeof readers

/** Whether the configuration of servers that write this format can be read. */
export const isConfigured = (format: FormatName | 'auto'): format is ConfiguredFormat => Object.hasOwn(readers, format)

/** What the files said when they were read last without a fault. */
interface Known {
  readonly map: PoolMap
  readonly warnings: readonly string[]
}

export interface CurrentPools {
  /** Undefined when the configuration could never be read. */
  readonly map: PoolMap | undefined
  /** Whether it could be read as it is now. */
  readonly isValid: boolean
}

/** A dnsmasq serves both families from one file, so there `family` selects; the others serve one. */
function ofFamily(pools: readonly Pool[], { path, format, family }: Source): readonly Pool[] {
  const rest = pools.filter(pool => family === 'auto' || pool.family === family)
  if (rest.length < pools.length && format !== 'dnsmasq') {
    throw new ServerConfigError({ file: path, line: 1 }, `pools of another family than ${family}`)
  }
  return rest
}

/** Where the configuration is, and how to read it. */
interface Source {
  readonly path: string
  readonly format: ConfiguredFormat
  readonly family: Family | 'auto'
}

function* readPools(source: Source): Reading<Known> {
  const read: ServerPools = yield* readers[source.format](source.path)
  const pools = ofFamily(read.pools, source)
  const fail = (message: string) => new ServerConfigError({ file: source.path, line: 1 }, message)
  if (pools.length > maxPools) throw fail(`more than ${maxPools} pools`)
  const overlaps = findOverlaps(pools)
  const shared = overlaps.map(
    ({ pool, earlier }) =>
      `${source.path}: pool ${pools[pool]?.name} overlaps with ${pools[earlier]?.name}: what they share counts there`,
  )
  const apart = withoutOverlaps(pools, overlaps)
  if (new Set(apart.map(labelsOf)).size < apart.length) throw fail('addresses and prefixes of one range')
  return { map: createPoolMap(apart), warnings: [...read.warnings, ...shared] }
}

/** Pools of a server's configuration, which is read at load and again by a probe once a file of it has changed. */
export class ServerConfig {
  readonly path: string
  #source: Source | undefined
  #identities: Identities = new Map()
  #known: Known | undefined
  #fault: string | undefined
  readonly #flights = new Flights<void>()

  constructor(path: string) {
    this.path = path
  }

  /** Reads the files at load. Throws `ServerConfigError`, but not for a file that is not there yet. */
  load(format: ConfiguredFormat, family: Family | 'auto'): void {
    this.#source = { path: this.path, format, family }
    try {
      this.#known = readNow(readPools(this.#source), this.#identities)
    } catch (error) {
      if (!(error instanceof ServerConfigError)) throw error
      if (existsSync(this.path)) throw error
      this.#fault = error.message
    }
  }

  /** What an operator should know after loading. */
  get warnings(): readonly string[] {
    return this.#fault === undefined ? (this.#known?.warnings ?? []) : [`server_config: ${this.#fault}`]
  }

  /** The pools as they are now: what changed is read again, once for all probes that ask meanwhile. */
  async current({ signal, remainingMs, log }: ProbeContext): Promise<CurrentPools> {
    if (this.#flights.get(this.path) !== undefined || (await haveChanged(this.#identities, signal))) {
      await this.#reading().join({ signal, remainingMs })
      log.info('read the server configuration', { pools: this.#known?.map.pools.length, fault: this.#fault })
      for (const warning of this.#known?.warnings ?? []) log.debug(warning)
    }
    return { map: this.#known?.map, isValid: this.#fault === undefined }
  }

  /** The reading that others began meanwhile, or a new one. */
  #reading(): Flight<void> {
    return this.#flights.get(this.path) ?? this.#flights.start(this.path, '', ({ signal }) => this.#read(signal))
  }

  async #read(signal: AbortSignal): Promise<void> {
    if (this.#source === undefined) return
    const identities: Identities = new Map()
    try {
      this.#known = await readSoon(readPools(this.#source), identities, signal)
      this.#fault = undefined
    } catch (error) {
      if (!(error instanceof ServerConfigError)) throw error
      this.#fault = error.message
    }
    this.#identities = identities
  }
}
