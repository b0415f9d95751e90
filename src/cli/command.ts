import type { Argument, Option } from 'commander'

/** What a command has of the world around it. */
export interface Io {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether a person sees what is written there. */
  readonly isTerminal: { readonly out: boolean; readonly err: boolean }
  /** All of standard input. */
  readonly readInput: () => Promise<string>
  /** Resolves with the first SIGTERM or SIGINT; from the call on, only a second one ends the process at once. */
  readonly stopSignal: () => Promise<NodeJS.Signals>
}

/** One command of `sonde`: a file of its own that the program knows by this shape alone. */
export interface Command<Flags extends object = object> {
  readonly name: string
  /** Half a sentence for the list of commands. */
  readonly summary: string
  /** The one that runs when none is named. */
  readonly isDefault?: boolean
  readonly arguments?: readonly Argument[]
  readonly options?: readonly Option[]
  /** Stands below the flags in the help. */
  readonly notes?: string
  /**
   * Resolves with the exit code. `flags` have commander's names: dots stay, dashes become camel case. Throws
   * `UsageError` for what only the command itself can see to be bad usage.
   */
  run(flags: Flags, args: readonly string[], io: Io): Promise<number>
  /** The exit code when the command line or `run` fails, where it is not the usual one. */
  errorCode?(args: readonly string[], io: Io): number | undefined
}

/** Checks that the flags are those that the command's `run` takes. */
export const defineCommand = <Flags extends object>(command: Command<Flags>): Command => command

export const exitCodes = { success: 0, failure: 1, usage: 2, bug: 3 } as const

/** The command line, or a file that it names, cannot be understood: the message goes to stderr and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
