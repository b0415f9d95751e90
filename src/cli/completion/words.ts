import type { Argument, Option } from 'commander'
import type { Command } from '../command.ts'

/** A value that a shell can help with. */
export interface Value {
  readonly name: string
  readonly choices: readonly string[]
  readonly isFile: boolean
}

export interface FlagWords {
  /** `--format`, and `-f` where there is one. */
  readonly long: string
  readonly short: string | undefined
  readonly description: string
  /** Undefined for a switch. */
  readonly value: Value | undefined
}

export interface CommandWords {
  readonly name: string
  readonly summary: string
  readonly isDefault: boolean
  readonly flags: readonly FlagWords[]
  readonly arguments: readonly Value[]
  readonly isVariadic: boolean
}

const fileNames = new Set(['file', 'path'])

const valueOfFlag = ({ flags, required, argChoices }: Option): Value | undefined => {
  const name = /<(.+)>/.exec(flags)?.[1] ?? ''
  return required ? { name, choices: argChoices ?? [], isFile: fileNames.has(name) } : undefined
}

const valueOfArgument = (argument: Argument): Value => ({
  name: argument.name(),
  choices: argument.argChoices ?? [],
  isFile: fileNames.has(argument.name().toLowerCase()),
})

const flagWords = (option: Option): FlagWords => ({
  long: option.long ?? '',
  short: option.short,
  description: option.description,
  value: valueOfFlag(option),
})

const help: FlagWords = { long: '--help', short: '-h', description: 'print this help', value: undefined }
const versionFlag: FlagWords = {
  long: '--version',
  short: undefined,
  description: 'print the version',
  value: undefined,
}

/** What a shell has to know of each command. */
export const wordsOf = (commands: readonly Command[]): readonly CommandWords[] =>
  commands.map(command => ({
    name: command.name,
    summary: command.summary,
    isDefault: command.isDefault ?? false,
    flags: [...(command.options ?? []).map(flagWords), help, ...(command.isDefault ? [versionFlag] : [])],
    arguments: (command.arguments ?? []).map(valueOfArgument),
    isVariadic: command.arguments?.at(-1)?.variadic ?? false,
  }))

/** Text between single quotes, as POSIX shells read it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
