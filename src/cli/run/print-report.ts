import { appendFile } from 'node:fs/promises'
import { type Io, UsageError } from '../command.ts'
import { formatNamed } from '../formats/index.ts'
import type { RunFlags } from './options.ts'
import type { Report } from './task.ts'
import { writeWhole } from './write-file.ts'

async function write(file: string, text: string, how = writeWhole): Promise<void> {
  try {
    await how(file, text)
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${(error as Error).message}`)
  }
}

/** Prints a report where the flags say, and the further ones. Throws `UsageError` when a file cannot be written. */
export async function printReport(report: Report, flags: RunFlags, { out, env, isTerminal }: Io): Promise<void> {
  const format = formatNamed(flags.format)
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
