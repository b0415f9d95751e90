import { ConfigError } from '../../config/load.ts'
import { formatProblem } from '../../engine/module.ts'
import { exitCodes, type Io } from '../command.ts'
import type { ReadConfig } from '../config-file.ts'

/** `--config.check`: 0 and the warnings, or 1 and every mistake. */
export async function checkConfig(file: string, readConfig: ReadConfig, { out, err }: Io): Promise<number> {
  try {
    const { modules, warnings } = await readConfig(file)
    for (const warning of warnings) out(`warning: ${formatProblem(warning)}\n`)
    out(`${file}: ok, ${modules.size} modules\n`)
    return exitCodes.success
  } catch (error) {
    const { message } = error as Error
    err(error instanceof ConfigError ? `${message}\n` : `cannot read ${file}: ${message}\n`)
    return exitCodes.failure
  }
}
