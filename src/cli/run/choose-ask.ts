import { ConfigError } from '../../config/config-error.ts'
import { type Io, UsageError } from '../command.ts'
import type { ReadConfig } from '../config-file.ts'
import { oneLine } from '../formats/format.ts'
import { type AskSettings, askHere } from './ask-here.ts'
import { askServer, serverUrl } from './ask-server.ts'
import type { RunFlags } from './options.ts'
import type { Ask, Task } from './task.ts'

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
export async function chooseAsk(tasks: readonly Task[], flags: RunFlags, readConfig: ReadConfig, io: Io): Promise<Ask> {
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
