import type { Option } from 'commander'
import type { Snapshot } from '../engine/module.ts'
import { flag } from './flags.ts'

/** Reads and checks the modules file that `--config.file` names. Throws `ConfigError`, or the error of reading. */
export type ReadConfig = (file: string) => Promise<Snapshot>

/** `--config.file`, the same for every command that reads modules. */
export const configFileFlag = (): Option =>
  flag('--config.file <path>', 'modules file; a blackbox.yml works too').default('modules.yaml')
