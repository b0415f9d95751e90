import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseExposition } from '../../support/exposition.ts'
import { answers, findProgram, freePort, start, startServer } from '../../support/programs.ts'
import type { Scope } from './scope.ts'

/** What `/probe` answered, in a form whose difference is easy to read. */
export interface Outcome {
  readonly status: number
  /** The type of each family. */
  readonly types: Readonly<Record<string, string>>
  /** The value of each series; `time` where it is a duration, as no two are the same. */
  readonly series: Readonly<Record<string, number | 'time'>>
}

const durations: ReadonlySet<string> = new Set([
  'probe_duration_seconds',
  'probe_dns_lookup_time_seconds',
  'probe_http_duration_seconds',
  'probe_dns_duration_seconds',
])

/** The family that a series of an outcome belongs to. */
export const familyOf = (key: string): string => key.replace(/\{.*/s, '')

function readOutcome(status: number, text: string): Outcome {
  if (status !== 200) return { status, types: {}, series: {} }
  const types = Object.fromEntries([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]))
  const series = parseExposition(text).map(({ name, labels, value }) => {
    const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
    const key = pairs.length === 0 ? name : `${name}{${pairs.map(([label, text]) => `${label}=${text}`).join(', ')}}`
    return [key, durations.has(name) ? ('time' as const) : value] as const
  })
  return { status, types, series: Object.fromEntries(series) }
}

/** Why sonde's probe failed; undefined when it succeeded. */
export const reasonOf = ({ series }: Outcome): string | undefined =>
  Object.keys(series).flatMap(key => /^probe_failure_info\{reason=(\w+)\}$/.exec(key)?.[1] ?? [])[0]

export interface Question {
  readonly module: string
  readonly target: string
  readonly hostname?: string | undefined
  /** The scrape's timeout as Prometheus tells it. */
  readonly scrapeTimeoutSeconds?: number | undefined
}

/** An exporter that answers on `/probe`. */
export interface Exporter {
  ask(question: Question): Promise<Outcome>
}

function exporter(url: string): Exporter {
  return {
    async ask({ module, target, hostname, scrapeTimeoutSeconds }) {
      const query = new URLSearchParams({ module, target, ...(hostname !== undefined && { hostname }) })
      const scrape = { 'X-Prometheus-Scrape-Timeout-Seconds': String(scrapeTimeoutSeconds) }
      const response = await fetch(
        `${url}/probe?${query}`,
        scrapeTimeoutSeconds === undefined ? {} : { headers: scrape },
      )
      return readOutcome(response.status, await response.text())
    },
  }
}

export type Modules = Readonly<Record<string, Readonly<Record<string, unknown>>>>

export interface Pair {
  readonly blackbox: Exporter
  readonly sonde: Exporter
}

/** What only one of them gets: modules in words that the other does not know, and sonde's environment. */
interface Alone {
  readonly blackbox: Modules
  readonly sonde: Modules
  readonly env?: NodeJS.ProcessEnv | undefined
}

/**
 * Starts Debian's blackbox_exporter and the built sonde with one and the same file of modules.
 */
export async function startPair(
  scope: Scope,
  folder: string,
  modules: Modules,
  { env, ...others }: Alone,
): Promise<Pair> {
  const files = { blackbox: join(folder, 'blackbox.yml'), sonde: join(folder, 'sonde.yml') }
  for (const name of ['blackbox', 'sonde'] as const) {
    await writeFile(files[name], JSON.stringify({ modules: { ...modules, ...others[name] } }))
  }
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const blackbox = await start(
    findProgram('prometheus-blackbox-exporter') ?? '',
    [`--config.file=${files.blackbox}`, `--web.listen-address=127.0.0.1:${port}`],
    () => answers(`${url}/-/healthy`),
  )
  scope.add(blackbox)
  const sonde = scope.add(await startServer(files.sonde, [], env))
  return { blackbox: exporter(url), sonde: exporter(sonde.url) }
}
