import { checkCommand } from './cli/check/index.ts'
import type { Command } from './cli/command.ts'
import { completionCommand } from './cli/completion/index.ts'
import { convertCommand } from './cli/convert/index.ts'
import { hashPasswordCommand } from './cli/hash-password/index.ts'
import { healthcheckCommand } from './cli/healthcheck.ts'
import { probeCommand } from './cli/probe/index.ts'
import { serveCommand } from './cli/serve/index.ts'
import type { ExporterSettings } from './exporter.ts'

// Probers and what they need are most of the time that a start takes; a health check or a completion goes without.
const parts = () => import('./exporter.ts')
const createExporter = async (settings: ExporterSettings) => (await parts()).createExporter(settings)
const readConfig = async (files: readonly string[]) => (await parts()).readConfig(files)
const loadConfig = async (text: string, file: string) => (await parts()).loadConfig(text, file)

const own: readonly Command[] = [
  serveCommand({ createExporter, readConfig }),
  probeCommand(readConfig),
  checkCommand(readConfig),
  healthcheckCommand(),
  hashPasswordCommand(),
  convertCommand(loadConfig),
]

/** Every command of this sonde, in the order of the help. */
export const commands: readonly Command[] = [...own, completionCommand(own)]
