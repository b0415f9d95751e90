import { Argument, InvalidArgumentError } from 'commander'
import { type Command, defineCommand, type Io, UsageError } from '../command.ts'
import type { ReadConfig } from '../config-file.ts'
import { flag, flagsNote, several } from '../flags.ts'
import { errorCodeOf, runAndReport } from '../run/index.ts'
import { type RunFlags, runOptions } from '../run/options.ts'
import type { Task } from '../run/task.ts'
import { readText } from '../text-file.ts'
import { type Defaults, distinct, readTargets, taskFor } from './targets.ts'

interface ProbeFlags extends RunFlags {
  readonly module: string
  readonly target?: readonly string[]
  readonly targetsFile?: readonly string[]
  readonly param?: ReadonlyMap<string, string>
}

function param(text: string, before: ReadonlyMap<string, string> | undefined): ReadonlyMap<string, string> {
  const [, name, value = ''] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? []
  if (name !== undefined) return new Map([...(before ?? []), [name, value]])
  throw new InvalidArgumentError('expected NAME=VALUE')
}

async function tasksOf(flags: ProbeFlags, args: readonly string[], io: Io): Promise<readonly Task[]> {
  const defaults: Defaults = { module: flags.module, params: flags.param ?? new Map() }
  const named = [...args.filter(arg => arg !== '-'), ...(flags.target ?? [])].map(target => taskFor(target, defaults))
  const files = [...(flags.targetsFile ?? []), ...(args.includes('-') ? ['-'] : [])]
  const listed = await Promise.all(files.map(async file => readTargets(await readText(file, io), file, defaults)))
  const tasks = distinct([...named, ...listed.flat()])
  if (tasks.some(({ target }) => target === '')) throw new UsageError('an empty target')
  if (tasks.length === 0) throw new UsageError('no target: name some, or use --targets-file')
  return tasks
}

const notes = `\
Examples:
  sonde probe https://example.org
  sonde probe -m dns_a --timeout 2s 192.0.2.53 192.0.2.54
  sonde probe --targets-file targets.txt --format junit --output report.xml

A file of targets has one on each line, or is a YAML list of {target, module, params}.

Exit code: 0 all passed, 1 a target failed, 2 bad usage or configuration, 3 an error of sonde itself, of its --server or
of the Pushgateway, 130 and 143 after SIGINT and SIGTERM. With --format nagios: 0 ok, 1 warning, 2 critical, 3 unknown.

${flagsNote}`

/** `sonde probe`. */
export const probeCommand = (readConfig: ReadConfig): Command =>
  defineCommand<ProbeFlags>({
    name: 'probe',
    summary: 'probe targets once and report, for a shell or a CI job',
    arguments: [new Argument('[targets...]', 'what to probe; - reads them from standard input')],
    options: [
      flag('-m, --module <name>', 'module of the modules file').default('http_2xx'),
      flag('--target <target>', 'as the argument; may be given several times').argParser(several),
      flag('--targets-file <file>', 'file of targets; may be given several times').argParser(several),
      flag('--param <name=value>', 'parameter that the module declares; may be given several times').argParser(param),
      ...runOptions(),
    ],
    notes,
    run: async (flags, args, io) => runAndReport('probe', await tasksOf(flags, args, io), flags, readConfig, io),
    errorCode: errorCodeOf,
  })
