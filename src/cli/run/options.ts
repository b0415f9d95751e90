import { InvalidArgumentError, type Option } from 'commander'
import { configFileFlag } from '../config-file.ts'
import { boolFlag, durationMs, flag, wholeNumber } from '../flags.ts'
import { formatNames } from '../formats/index.ts'

/** A report that goes to a file of its own. */
export interface FurtherReport {
  readonly format: string
  readonly file: string
}

/** The flags of every command that runs probes. */
export interface RunFlags {
  readonly 'config.file': readonly string[]
  readonly timeout?: number
  readonly retry: number
  readonly retryInterval: number
  readonly concurrency: number
  readonly failFast: boolean
  readonly warn?: number
  readonly debug: boolean
  readonly format: string
  readonly output?: string
  readonly report?: readonly FurtherReport[]
  /** `--no-color` makes it false. */
  readonly color: boolean
  readonly server?: string
  readonly pushGateway?: string
  readonly pushJob: string
}

function furtherReport(text: string, before: readonly FurtherReport[] | undefined): readonly FurtherReport[] {
  const [format = '', file = ''] = /^([^=]*)=([\s\S]*)$/.exec(text)?.slice(1) ?? []
  if (formatNames.includes(format) && file !== '') return [...(before ?? []), { format, file }]
  throw new InvalidArgumentError(`expected FORMAT=FILE, with a format of ${formatNames.join(', ')}`)
}

function jobName(text: string): string {
  if (text !== '' && !text.includes('/')) return text
  throw new InvalidArgumentError('expected a name without slashes')
}

export const runOptions = (): readonly Option[] => [
  configFileFlag(),
  flag('--timeout <duration>', "time for each probe; the module's own holds when it is shorter").argParser(durationMs),
  flag('--retry <n>', 'how often to try again what did not pass').argParser(wholeNumber(0)).default(0),
  flag('--retry-interval <duration>', 'pause before another try').argParser(durationMs).default(1000, '1s'),
  flag('--concurrency <n>', 'probes that run at once').argParser(wholeNumber(1)).default(8),
  boolFlag('fail-fast', 'stop at the first that does not pass'),
  flag('--warn <duration>', 'warn of what passes but takes longer').argParser(durationMs),
  boolFlag('debug', 'show the whole log of each probe'),
  flag('-f, --format <format>', 'form of the report').choices(formatNames).default('pretty'),
  flag('-o, --output <file>', 'write the report there, whole or not at all, instead of to standard output'),
  flag('--report <format=file>', 'write a further report; may be given several times').argParser(furtherReport),
  flag('--no-color', 'no colours, as with NO_COLOR; there are none anyway but on a terminal'),
  flag('--server <url>', 'ask a running exporter instead of probing from here; may hold user and password'),
  flag('--push-gateway <url>', 'push the metrics to a Pushgateway; may hold user and password'),
  flag('--push-job <name>', 'value of the label job at the Pushgateway').argParser(jobName).default('sonde'),
]
