import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkCommand } from '../../src/cli/check/index.ts'
import type { Command, Io } from '../../src/cli/command.ts'
import { completionCommand } from '../../src/cli/completion/index.ts'
import { healthcheckCommand } from '../../src/cli/healthcheck.ts'
import { probeCommand } from '../../src/cli/probe/index.ts'
import { runProgram } from '../../src/cli/program.ts'
import { serveCommand } from '../../src/cli/serve/index.ts'
import { commands } from '../../src/commands.ts'
import { createLoader } from '../../src/config/load.ts'
import type { Definition } from '../../src/config/schema.ts'
import { createExporter, readConfig } from '../../src/exporter.ts'
import { temporaryFolder } from '../support/programs.ts'

/** The commands with other probers than those of this sonde. */
export function commandsWith(probers: readonly Definition[]): readonly Command[] {
  const load = createLoader(probers)
  const read = (files: readonly string[]) => readConfig(files, load)
  const own = [
    serveCommand({ createExporter, readConfig: read }),
    probeCommand(read),
    checkCommand(read),
    healthcheckCommand(),
  ]
  return [...own, completionCommand(own)]
}

export interface RunOptions extends Partial<Io> {
  readonly commands?: readonly Command[]
  readonly input?: string
}

/** Runs a command line in this process, to its end. */
export async function runHere(args: readonly string[], options: RunOptions = {}) {
  const { commands: chosen = commands, input = '', env = {}, ...io } = options
  let stdout = ''
  let stderr = ''
  const before = { ...process.env }
  Object.assign(process.env, env) // commander reads it there
  try {
    const status = await runProgram(args, chosen, {
      out: text => {
        stdout += text
      },
      err: text => {
        stderr += text
      },
      env,
      isTerminal: { out: false, err: false },
      readInput: async () => input,
      stopSignal: () => new Promise(() => undefined),
      ...io,
    })
    return { status, stdout, stderr }
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
  }
}

/** A temporary folder with a modules file. */
export async function folderWith(text: string, name = 'modules.yaml') {
  const folder = await temporaryFolder()
  const file = join(folder.path, name)
  await writeFile(file, text)
  return Object.assign(folder, { file })
}
