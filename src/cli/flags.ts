import { InvalidArgumentError, Option } from 'commander'
import { defaults } from '../engine/defaults.ts'
import { type LogFormat, logFormats, logLevels } from '../engine/logger.ts'
import type { LogLevel } from '../engine/probe-log.ts'
import { type ListenAddress, parseListenAddress } from '../http/listen-address.ts'
import { parseDuration } from '../kit/duration.ts'

/** The flags of `sonde serve`, as commander names them: dots stay, dashes become camel case. */
export interface ServeFlags {
  readonly 'config.file': string
  readonly 'config.check': boolean
  readonly 'web.listenAddress': readonly ListenAddress[]
  readonly timeoutOffset: number
  readonly 'probe.concurrency': number
  readonly 'probe.queue': number
  readonly 'shutdown.timeout': number
  readonly 'log.level': LogLevel
  readonly 'log.format': LogFormat
  readonly 'log.prober': LogLevel
}

const wholeNumber = (minimum: number) => (text: string) => {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= minimum) return value
  throw new InvalidArgumentError(`expected a whole number from ${minimum}`)
}

function secondsToMs(text: string): number {
  if (/^(\d+\.?\d*|\.\d+)$/.test(text)) return Number(text) * 1000
  throw new InvalidArgumentError('expected seconds, such as 0.5')
}

function durationMs(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined && ms >= 0) return ms
  throw new InvalidArgumentError('expected a duration such as 500ms, 30s or 1m')
}

function trueOrFalse(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new InvalidArgumentError('expected true or false')
}

function listenAddresses(text: string, before: readonly ListenAddress[] | undefined): readonly ListenAddress[] {
  const addresses = text.split(',').map(part => {
    const address = parseListenAddress(part.trim())
    if (address === undefined)
      throw new InvalidArgumentError('expected an address such as :9115, 127.0.0.1:9115 or [::1]:9115')
    return address
  })
  return [...(before ?? []), ...addresses]
}

/** The environment variable that can stand for a flag: `--web.listen-address` is `SONDE_WEB_LISTEN_ADDRESS`. */
const withEnv = (option: Option) =>
  option.env(`SONDE_${(option.long ?? '').slice(2).replace(/[.-]/g, '_').toUpperCase()}`)

const flag = (flags: string, description: string) => withEnv(new Option(flags, description))

/** The flags of `sonde serve`, with blackbox_exporter's names where it has them. */
export const serveOptions = (): readonly Option[] => [
  flag('--config.file <path>', 'modules file; a blackbox.yml works too').default('modules.yaml'),
  flag('--config.check [bool]', 'check the modules file, print what is wrong with it, and exit')
    .argParser(trueOrFalse)
    .preset('true')
    .default(false),
  flag(
    '--web.listen-address <address>',
    'address to listen on; may be given several times (default: ":9115")',
  ).argParser(listenAddresses),
  flag('--timeout-offset <seconds>', 'taken from the scrape timeout, so that the answer is back in time')
    .argParser(secondsToMs)
    .default(defaults.timeoutOffsetMs, String(defaults.timeoutOffsetMs / 1000)),
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
