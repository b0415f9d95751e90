import { InvalidArgumentError, type Option } from 'commander'
import type { Snapshot } from '../engine/module.ts'
import { flag, list } from './flags.ts'

/** Reads and checks the modules files that `--config.file` names. Throws `ConfigError`, or an error of reading. */
export type ReadConfig = (files: readonly string[]) => Promise<Snapshot>

const modulesFiles = ['modules.yaml']

const path = (text: string) => {
  if (text === '') throw new InvalidArgumentError('expected a path')
  return text
}

/** `--config.file`, the same for every command that reads modules. */
export const configFileFlag = (): Option =>
  flag('--config.file <path>', 'modules file, or a pattern such as conf.d/*.yaml; may be given several times')
    .argParser<readonly string[]>((text, before) => list(path)(text, before === modulesFiles ? undefined : before))
    .default(modulesFiles, 'modules.yaml')
