import type { RequestListener } from 'node:http'
import { ConfigError } from './config/config-error.ts'
import { createLoader } from './config/load.ts'
import type { Definition } from './config/schema.ts'
import { readSources } from './config/sources.ts'
import { ConfigStore } from './config/store.ts'
import { startAutoReload, watchSources } from './config/watch.ts'
import { readWebConfig } from './config/web-config.ts'
import type { Deadline } from './engine/deadline.ts'
import { defaults } from './engine/defaults.ts'
import type { Logger } from './engine/logger.ts'
import { formatProblem, type Snapshot } from './engine/module.ts'
import { createSelfMetrics } from './engine/self-metrics.ts'
import { createApp } from './http/app.ts'
import { guard } from './http/guard.ts'
import { createHistory } from './http/history/history.ts'
import type { ListenAddress } from './http/listen-address.ts'
import { underPrefix } from './http/route-prefix.ts'
import { type Listeners, listen } from './http/server.ts'
import { createGate } from './http/web-config/gate.ts'
import { createWebConfigStore } from './http/web-config/store.ts'
import { type WebOptions, webDefaults } from './http/web-options.ts'
import { Overloaded } from './kit/failure.ts'
import { createLimiter } from './kit/limiter.ts'
import * as probers from './probers/index.ts'

/** Every prober of this sonde. */
const installed: readonly Definition[] = Object.values(probers)

const loadInstalled = createLoader(installed)

/** Reads the text of a modules file with the probers of this sonde. Throws `ConfigError`. */
export const loadConfig = (text: string, file: string): Snapshot => loadInstalled([{ text, file }])

/** Reads and checks the modules files that paths and patterns name. Throws `ConfigError`, or an error of reading. */
export async function readConfig(
  files: readonly string[],
  load = loadInstalled,
  read: typeof readSources = readSources,
): Promise<Snapshot> {
  const { sources, warnings } = await read(files)
  const snapshot = load(sources)
  return Object.freeze({ ...snapshot, warnings: [...warnings, ...snapshot.warnings] })
}

export interface ExporterSettings {
  /** Paths of modules files, and patterns such as `conf.d/*.yaml`. */
  readonly configFiles: readonly string[]
  /** How often to look whether they have changed, to load them anew then; 0 for never. */
  readonly autoReloadMs?: number
  readonly concurrency?: number
  readonly queue?: number
  readonly timeoutOffsetMs?: number
  /** How many probes that succeeded, and how many that failed, are remembered; 0 for none. */
  readonly historyLimit?: number
  readonly web?: Partial<WebOptions>
  /** Who may speak to the server, and how; anybody, without TLS, when there is none. */
  readonly webConfigFile?: string | undefined
  readonly log: Logger
  readonly probeLog: (module: string, target: string) => Logger
  /** The clock of the probes, in Unix milliseconds. */
  readonly now?: () => number
  /** Instead of those of this sonde. */
  readonly probers?: readonly Definition[]
}

export interface Exporter {
  /** Loads the configuration, the first time and again. Throws when it cannot be used; nothing has changed then. */
  readonly reload: () => Promise<Snapshot>
  readonly handler: RequestListener
  readonly listen: (addresses: readonly ListenAddress[]) => Promise<Listeners>
  /** Answers 503 from now on, lets running probes finish for `graceMs` milliseconds, then aborts them. */
  readonly drain: (listeners: Listeners, graceMs: number) => Promise<void>
}

/** Puts the parts together: probers, loader, store, limiter, routes. Nothing else does. */
export function createExporter(settings: ExporterSettings): Exporter {
  const {
    configFiles,
    autoReloadMs = 0,
    log,
    probeLog,
    concurrency,
    queue,
    timeoutOffsetMs,
    historyLimit,
    webConfigFile,
    now = Date.now,
  } = { ...defaults, ...settings }
  const limiter = createLimiter(concurrency, queue)
  const metrics = createSelfMetrics(limiter, now)
  const load = settings.probers === undefined ? loadInstalled : createLoader(settings.probers)
  const web = { ...webDefaults, ...settings.web }
  const webConfig = webConfigFile && createWebConfigStore(webConfigFile, () => readWebConfig(webConfigFile), log)
  const files = watchSources(configFiles)
  const store = new ConfigStore(async () => {
    const useWebConfig = webConfig && (await webConfig.prepare())
    const snapshot = await readConfig(configFiles, load, files.read)
    if (useWebConfig) useWebConfig()
    return snapshot
  })
  const running = new Set<Deadline>()
  let draining = false
  const watches: (() => void)[] = []

  async function reload(): Promise<Snapshot> {
    try {
      const snapshot = await store.reload()
      metrics.reloaded(true)
      metrics.configured(snapshot)
      for (const warning of snapshot.warnings) log.warn(formatProblem(warning))
      log.info('loaded the configuration', { files: configFiles.join(', '), modules: snapshot.modules.size })
      return snapshot
    } catch (error) {
      metrics.reloaded(false)
      const lines =
        error instanceof ConfigError
          ? error.problems.map(formatProblem)
          : [`cannot load the configuration: ${(error as Error).message}`]
      for (const line of lines) log.error(line)
      throw error
    }
  }

  const reloadChanged = () => {
    log.info('the configuration files have changed')
    return reload()
  }

  const app = createApp({
    web,
    current: () => store.current(),
    isDraining: () => draining,
    limiter,
    metrics,
    log,
    probeLog,
    timeoutOffsetMs,
    now,
    running,
    history: historyLimit === 0 ? undefined : createHistory(historyLimit, now),
    reload,
  })

  const open = underPrefix(web, guard(web, app))
  const handler = webConfig ? createGate(webConfig, log)(open) : open

  return {
    reload,
    handler,
    async listen(addresses) {
      const { maxConnections } = web
      const listeners = await listen(handler, addresses, {
        log,
        maxConnections,
        ...(webConfig && { tls: webConfig.tls }),
      })
      if (webConfig) watches.push(webConfig.watch())
      if (autoReloadMs > 0) watches.push(startAutoReload(files.hasChanged, reloadChanged, autoReloadMs))
      return listeners
    },
    async drain(listeners, graceMs) {
      draining = true
      for (const stop of watches) stop()
      await listeners.drain(graceMs, () => {
        for (const deadline of running) deadline.abort(new Overloaded('shutting down'))
      })
      metrics.stop()
    },
  }
}
