import { ConfigError } from '../../config/config-error.ts'
import { readWebConfig } from '../../config/web-config.ts'
import { formatProblem, type Problem } from '../../engine/module.ts'
import { exitCodes, type Io } from '../command.ts'
import type { ReadConfig } from '../config-file.ts'
import type { ServeFlags } from './options.ts'

interface Verdict {
  readonly warnings: readonly Problem[]
  readonly content: string
}

async function checkWebConfig(file: string): Promise<Verdict> {
  try {
    const { tls, users, warnings } = await readWebConfig(file)
    await tls?.read()
    return { warnings, content: `${tls === undefined ? 'no TLS' : 'TLS'}, ${users.size} users` }
  } catch (error) {
    throw error instanceof ConfigError ? error : new Error(`cannot read ${file}: ${(error as Error).message}`)
  }
}

async function checkModules(files: readonly string[], readConfig: ReadConfig): Promise<Verdict> {
  const { modules, warnings } = await readConfig(files)
  return { warnings, content: `${modules.size} modules` }
}

async function print(name: string, check: Promise<Verdict>, { out, err }: Io): Promise<boolean> {
  try {
    const { warnings, content } = await check
    for (const warning of warnings) out(`warning: ${formatProblem(warning)}\n`)
    out(`${name}: ok, ${content}\n`)
    return true
  } catch (error) {
    err(`${(error as Error).message}\n`)
    return false
  }
}

/** `--config.check`: 0 and the warnings, or 1 and every mistake. */
export async function checkConfig(flags: ServeFlags, readConfig: ReadConfig, io: Io): Promise<number> {
  const { 'config.file': files, 'web.config.file': webFile } = flags
  const isSound = await print(files.join(', '), checkModules(files, readConfig), io)
  const isWebSound = !webFile || (await print(webFile, checkWebConfig(webFile), io))
  return isSound && isWebSound ? exitCodes.success : exitCodes.failure
}
