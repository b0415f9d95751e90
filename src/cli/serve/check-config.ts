import { ConfigError } from '../../config/load.ts'
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
  const { tls, users, warnings } = await readWebConfig(file)
  await tls?.read()
  return { warnings, content: `${tls === undefined ? 'no TLS' : 'TLS'}, ${users.size} users` }
}

async function checkModules(file: string, readConfig: ReadConfig): Promise<Verdict> {
  const { modules, warnings } = await readConfig(file)
  return { warnings, content: `${modules.size} modules` }
}

async function print(file: string, check: Promise<Verdict>, { out, err }: Io): Promise<boolean> {
  try {
    const { warnings, content } = await check
    for (const warning of warnings) out(`warning: ${formatProblem(warning)}\n`)
    out(`${file}: ok, ${content}\n`)
    return true
  } catch (error) {
    const { message } = error as Error
    err(error instanceof ConfigError ? `${message}\n` : `cannot read ${file}: ${message}\n`)
    return false
  }
}

/** `--config.check`: 0 and the warnings, or 1 and every mistake. */
export async function checkConfig(flags: ServeFlags, readConfig: ReadConfig, io: Io): Promise<number> {
  const { 'config.file': file, 'web.config.file': webFile } = flags
  const isSound = await print(file, checkModules(file, readConfig), io)
  const isWebSound = !webFile || (await print(webFile, checkWebConfig(webFile), io))
  return isSound && isWebSound ? exitCodes.success : exitCodes.failure
}
