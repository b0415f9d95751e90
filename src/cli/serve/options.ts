import type { Option } from 'commander'
import { defaults } from '../../engine/defaults.ts'
import { type LogFormat, logFormats, logLevels } from '../../engine/logger.ts'
import type { LogLevel } from '../../engine/probe-log.ts'
import { configFileFlag } from '../config-file.ts'
import { boolFlag, durationMs, flag, secondsToMs, wholeNumber } from '../flags.ts'
import { type WebFlags, webFlags } from './web-flags.ts'

/** As commander names them: dots stay, dashes become camel case. */
export interface ServeFlags extends WebFlags {
  readonly 'config.file': readonly string[]
  readonly 'config.check': boolean
  readonly 'config.enableAutoReload': boolean
  readonly 'config.autoReloadInterval': number
  readonly timeoutOffset: number
  readonly 'history.limit': number
  readonly 'probe.concurrency': number
  readonly 'probe.queue': number
  readonly 'shutdown.timeout': number
  readonly 'log.level': LogLevel
  readonly 'log.format': LogFormat
  readonly 'log.prober': LogLevel
}

/** The flags of `sonde serve`, with blackbox_exporter's names where it has them. */
export const serveOptions: readonly Option[] = [
  configFileFlag(),
  boolFlag('config.check', 'check the modules file, print what is wrong with it, and exit'),
  boolFlag('config.enable-auto-reload', 'load the modules files anew when they change'),
  flag('--config.auto-reload-interval <duration>', 'how often to look whether they have changed; 0 for never')
    .argParser(durationMs)
    .default(30_000, '30s'),
  ...webFlags,
  flag('--timeout-offset <seconds>', 'taken from the scrape timeout, so that the answer is back in time')
    .argParser(secondsToMs)
    .default(defaults.timeoutOffsetMs, String(defaults.timeoutOffsetMs / 1000)),
  flag('--history.limit <n>', 'probes that the history keeps, and as many again that failed; 0 for none')
    .argParser(wholeNumber(0))
    .default(defaults.historyLimit),
  flag('--probe.concurrency <n>', 'probes that run at once').argParser(wholeNumber(1)).default(defaults.concurrency),
  flag('--probe.queue <n>', 'probes that may wait for a slot; more are answered with 503')
    .argParser(wholeNumber(0))
    .default(defaults.queue),
  flag('--shutdown.timeout <duration>', 'how long running probes may finish after SIGTERM')
    .argParser(durationMs)
    .default(30_000, '30s'),
  flag('--log.level <level>', 'lowest level of the log').choices(logLevels).default('info'),
  flag('--log.format <format>', 'form of the log').choices(logFormats).default('logfmt'),
  flag('--log.prober <level>', 'lowest level of what probes log; a failing target is info')
    .choices(logLevels)
    .default('info'),
]
