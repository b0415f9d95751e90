import { appendFile } from 'node:fs/promises'
import { ConfigError } from '../../config/config-error.ts'
import { BadRequest, Denied, Overloaded } from '../../kit/failure.ts'
import { exitCodes, type Io, UsageError } from '../command.ts'
import type { ReadConfig } from '../config-file.ts'
import { type Format, oneLine } from '../formats/format.ts'
import { formatNamed, formats } from '../formats/index.ts'
import { type AskSettings, askHere } from './ask-here.ts'
import { askServer, serverUrl } from './ask-server.ts'
import type { RunFlags } from './options.ts'
import { createProgress } from './progress.ts'
import { gatewayUrl, pushReport } from './push.ts'
import { exitCodeOf, type RunSettings, runTasks } from './run-tasks.ts'
import type { Ask, Report, Task } from './task.ts'
import { writeWhole } from './write-file.ts'

/** Reads the modules files for a command line. Throws `UsageError` with every mistake. */
async function modulesOf(files: readonly string[], readConfig: ReadConfig) {
  try {
    return await readConfig(files)
  } catch (error) {
    const { message } = error as Error
    throw new UsageError(error instanceof ConfigError ? `cannot use ${files.join(', ')}:\n${message}` : message)
  }
}

/** Who is asked, this process or a server. Throws `UsageError` when a module of `tasks` cannot run here. */
async function chooseAsk(tasks: readonly Task[], flags: RunFlags, readConfig: ReadConfig, io: Io): Promise<Ask> {
  const settings: AskSettings = {
    timeoutMs: flags.timeout,
    concurrency: flags.concurrency,
    isDebug: flags.debug,
    write: io.err,
  }
  if (flags.server !== undefined) return askServer(serverUrl(flags.server), settings)
  const snapshot = await modulesOf(flags['config.file'], readConfig)
  for (const name of new Set(tasks.map(({ module }) => module))) {
    const module = snapshot.modules.get(name)
    if (module === undefined)
      throw new UsageError(`unknown module ${oneLine(name)}: ${flags['config.file'].join(', ')} has none`)
    if ('refused' in module) throw new UsageError(module.refused)
  }
  return askHere(snapshot, settings)
}

async function write(file: string, text: string, how = writeWhole): Promise<void> {
  try {
    await how(file, text)
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${(error as Error).message}`)
  }
}

async function printReport(report: Report, format: Format, flags: RunFlags, { out, env, isTerminal }: Io) {
  const file = flags.output === '-' ? undefined : flags.output
  const color = flags.color && isTerminal.out && file === undefined && !env.NO_COLOR
  const text = await format.print(report, { color })
  if (file === undefined) out(text)
  else await write(file, text)
  for (const further of flags.report ?? []) {
    await write(further.file, await formatNamed(further.format).print(report, { color: false }))
  }
  const { GITHUB_STEP_SUMMARY: page } = env
  if (page && format.stepSummary !== undefined) await write(page, format.stepSummary(report), appendFile)
}

/** What reaches nobody is a bug of ours: left to Node, it would end the process with the code of a failed probe. */
async function guarded<T>({ err }: Io, work: () => Promise<T>): Promise<T> {
  const crash = (error: unknown) => {
    err(`internal error: ${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(exitCodes.bug)
  }
  process.on('uncaughtException', crash)
  try {
    return await work()
  } finally {
    process.off('uncaughtException', crash)
  }
}

/** Probes what the tasks say and reports as the flags say. Returns the exit code; throws `UsageError`. */
export async function runAndReport(
  title: string,
  tasks: readonly Task[],
  flags: RunFlags,
  readConfig: ReadConfig,
  io: Io,
): Promise<number> {
  const format = formatNamed(flags.format)
  const gateway = flags.pushGateway === undefined ? undefined : gatewayUrl(flags.pushGateway)
  const ask = await chooseAsk(tasks, flags, readConfig, io)
  const progress = createProgress(tasks.length, io)
  const settings: RunSettings = {
    title,
    ask,
    concurrency: flags.concurrency,
    retries: flags.retry,
    retryIntervalMs: flags.retryInterval,
    warnMs: flags.warn,
    isFailFast: flags.failFast,
    stopSignal: io.stopSignal,
    onProgress: progress.update,
    onUnjudged({ module, name }, error) {
      const isForeseen = [BadRequest, Denied, Overloaded].some(known => error instanceof known)
      const { message, stack } = error as Error
      if (flags.debug && !isForeseen) io.err(`${stack}\n`)
      if (!format.isForPeople) io.err(`error: ${oneLine(`${module} ${name}: ${message}`)}\n`)
    },
  }
  const report = await guarded(io, () => runTasks(tasks, settings))
  progress.end()
  await printReport(report, format, flags, io)
  const code = format.exitCode?.(report) ?? exitCodeOf(report)
  if (gateway === undefined) return code
  try {
    await pushReport(gateway, flags.pushJob, report)
    return code
  } catch (error) {
    io.err(`error: cannot push: ${oneLine((error as Error).message)}\n`)
    return code === exitCodes.success ? exitCodes.bug : code
  }
}

/** The exit code of bad usage, where the form of the report that was asked for has one of its own. */
export function errorCodeOf(args: readonly string[], { env }: Io): number | undefined {
  const [, given = env.SONDE_FORMAT] = /(?:^|\n)(?:--format[=\n]|-f[=\n]?)(\S+)/.exec(args.join('\n')) ?? []
  return formats.find(({ name }) => name === given)?.usageCode
}
