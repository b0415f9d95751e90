import { BadRequest, Denied, Overloaded } from '../../kit/failure.ts'
import { exitCodes, type Io, UsageError } from '../command.ts'
import type { ReadConfig } from '../config-file.ts'
import { oneLine } from '../formats/format.ts'
import { formatNamed, formats } from '../formats/index.ts'
import { chooseAsk } from './choose-ask.ts'
import type { RunFlags } from './options.ts'
import { printReport } from './print-report.ts'
import { createProgress } from './progress.ts'
import { gatewayUrl, pushReport } from './push.ts'
import { exitCodeOf, runTasks, signalCode } from './run-tasks.ts'
import { type Report, ServerFailure, type Task } from './task.ts'

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

/** Tells of a task that could not be judged, where the report itself does not. */
function complain({ module, name }: Task, error: unknown, flags: RunFlags, { err }: Io) {
  const isForeseen = [BadRequest, Denied, Overloaded, ServerFailure].some(known => error instanceof known)
  const { message, stack } = error as Error
  if (flags.debug && !isForeseen) err(`${stack}\n`)
  if (!formatNamed(flags.format).isForPeople) err(`error: ${oneLine(`${module} ${name}: ${message}`)}\n`)
}

/** Pushes a report. Returns the exit code that it calls for; the story goes to standard error. */
async function tryPush(gateway: string, report: Report, { pushJob }: RunFlags, { err, stopSignal }: Io) {
  const controller = new AbortController()
  let code: number = exitCodes.bug
  void stopSignal().then(signal => {
    code = signalCode(signal)
    controller.abort(new Error(`interrupted by ${signal}`))
  })
  try {
    await pushReport(gateway, pushJob, report, controller.signal)
    return exitCodes.success
  } catch (error) {
    err(`error: cannot push: ${oneLine((error as Error).message.trim())}\n`)
    return code
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
  const gateway = flags.pushGateway === undefined ? undefined : gatewayUrl(flags.pushGateway)
  const ask = await chooseAsk(tasks, flags, readConfig, io)
  const progress = createProgress(tasks.length, io)
  const settings = {
    title,
    ask,
    concurrency: flags.concurrency,
    retries: flags.retry,
    retryIntervalMs: flags.retryInterval,
    warnMs: flags.warn,
    isFailFast: flags.failFast,
    stopSignal: io.stopSignal,
    onProgress: progress.update,
    onUnjudged: (task: Task, error: unknown) => complain(task, error, flags, io),
  }
  const report = await guarded(io, () => runTasks(tasks, settings))
  progress.end()
  const problems = await printReport(report, flags, io)
  const code = formatNamed(flags.format).exitCode?.(report) ?? exitCodeOf(report)
  const pushCode = gateway === undefined ? exitCodes.success : await tryPush(gateway, report, flags, io)
  if (problems.length > 0) throw new UsageError(problems.join('\nerror: '))
  return code === exitCodes.success || pushCode > exitCodes.bug ? pushCode : code
}

/** The exit code of bad usage, where the form of the report that was asked for has one of its own. */
export function errorCodeOf(args: readonly string[], { env }: Io): number | undefined {
  const [, given = env.SONDE_FORMAT] = /(?:^|\n)(?:--format[=\n]|-f[=\n]?)(\S+)/.exec(args.join('\n')) ?? []
  return formats.find(({ name }) => name === given)?.usageCode
}
