import { appendFile } from 'node:fs/promises'
import type { Io } from '../command.ts'
import { formatNamed } from '../formats/index.ts'
import { fileProblem } from '../text-file.ts'
import type { RunFlags } from './options.ts'
import type { Report } from './task.ts'
import { writeWhole } from './write-file.ts'

/**
 * Prints a report where the flags say, and the further ones. Returns why files could not be written: the others are
 * written all the same.
 */
export async function printReport(
  report: Report,
  flags: RunFlags,
  { out, env, isTerminal }: Io,
): Promise<readonly string[]> {
  const problems: string[] = []
  const write = async (file: string, text: string, how = writeWhole) => {
    await how(file, text).catch(error => problems.push(`cannot write ${file}: ${fileProblem(error)}`))
  }
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
  return problems
}
