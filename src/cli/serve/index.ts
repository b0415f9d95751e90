import { createLogger, type Logger } from '../../engine/logger.ts'
import type { Exporter, ExporterSettings } from '../../exporter.ts'
import { defaultListenAddress, systemdSockets } from '../../http/listen-address.ts'
import { version } from '../../kit/version.ts'
import { type Command, defineCommand, exitCodes, type Io } from '../command.ts'
import type { ReadConfig } from '../config-file.ts'
import { environmentNote } from '../flags.ts'
import { checkConfig } from './check-config.ts'
import { crashCode, watchForCrash } from './crash.ts'
import { type ServeFlags, serveOptions } from './options.ts'
import { webOptionsOf } from './web-flags.ts'

const lastWordsMs = 500
const crashGraceMs = 2000
const oldestSupportedNode = 22 // 20 works, too

export interface ServeDeps {
  readonly createExporter: (settings: ExporterSettings) => Exporter | Promise<Exporter>
  readonly readConfig: ReadConfig
}

function settingsOf(flags: ServeFlags, log: Logger, write: (line: string) => void): ExporterSettings {
  const probeLog = { level: flags['log.prober'], format: flags['log.format'], write }
  return {
    configFiles: flags['config.file'],
    autoReloadMs: flags['config.enableAutoReload'] ? flags['config.autoReloadInterval'] : 0,
    concurrency: flags['probe.concurrency'],
    queue: flags['probe.queue'],
    timeoutOffsetMs: flags.timeoutOffset,
    historyLimit: flags['history.limit'],
    web: webOptionsOf(flags),
    webConfigFile: flags['web.config.file'],
    log,
    probeLog: (module, target) => createLogger(probeLog, { module, target }),
  }
}

/** The exporter: runs until it is told to stop. */
async function serve(flags: ServeFlags, io: Io, createExporter: ServeDeps['createExporter']): Promise<number> {
  const log = createLogger({ level: flags['log.level'], format: flags['log.format'], write: io.err })
  if (Number.parseInt(process.versions.node, 10) < oldestSupportedNode) {
    log.warn('this Node is out of support, 24 is recommended', { node: process.version })
  }
  // Signals first: to load the probers takes most of the start, and a SIGHUP that nobody takes would end the process.
  const stopped = io.stopSignal()
  const crash = watchForCrash(log)
  const loading = Promise.resolve(createExporter(settingsOf(flags, log, io.err)))
  process.on('SIGHUP', () => void loading.then(({ reload }) => reload()).catch(() => undefined)) // it has logged why
  const exporter = await loading
  try {
    await exporter.reload()
  } catch {
    return exitCodes.failure
  }
  try {
    const listeners = await exporter.listen(
      flags['web.systemdSocket']
        ? systemdSockets(io.env, process.pid)
        : (flags['web.listenAddress'] ?? [defaultListenAddress]),
    )
    for (const address of listeners.urls) log.info('listening', { address, version })
    log.info('shutting down', { cause: await Promise.race([stopped, crash.crashed]) })
    await exporter.drain(listeners, crash.hasCrashed ? crashGraceMs : flags['shutdown.timeout'])
    const code = crash.hasCrashed ? crashCode : exitCodes.success
    setTimeout(() => process.exit(code), lastWordsMs).unref() // a prober that never settles must not keep the process
    return code
  } catch (error) {
    log.error(`cannot listen: ${(error as Error).message}`)
    return exitCodes.failure
  }
}

/** `sonde serve`. */
export const serveCommand = ({ createExporter, readConfig }: ServeDeps): Command =>
  defineCommand<ServeFlags>({
    name: 'serve',
    summary: 'answer /probe over HTTP (the default command)',
    isDefault: true,
    options: serveOptions,
    notes: environmentNote,
    run: (flags, _args, io) =>
      flags['config.check'] ? checkConfig(flags, readConfig, io) : serve(flags, io, createExporter),
  })
