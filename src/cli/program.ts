import { Command, CommanderError } from 'commander'
import { revision, version } from '../kit/version.ts'
import { type ServeFlags, serveOptions } from './flags.ts'

/** What the commands do; each resolves with the exit code. */
export interface Actions {
  readonly serve: (flags: ServeFlags) => Promise<number>
}

export interface Output {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

const versionText = [
  `sonde, version ${version} (revision: ${revision})`,
  `  node:     ${process.version}`,
  `  platform: ${process.platform}/${process.arch}`,
].join('\n')

/** Exit code of a command line that cannot be understood. */
const usageError = 2

// commander looks for similar names only when the value stands apart.
const splitValues = (args: readonly string[]) =>
  args.flatMap(arg => /^(--[^=]+)=([\s\S]*)$/.exec(arg)?.slice(1) ?? [arg])

/** Runs the command that `args` (without node and script) name. Returns the exit code: 2 for bad usage. */
export async function runProgram(args: readonly string[], actions: Actions, { out, err }: Output): Promise<number> {
  let code = 0
  const program = new Command('sonde')
    .description('Multi-target probe exporter for Prometheus.')
    .version(versionText, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err })
  const serve = program
    .command('serve', { isDefault: true })
    .description('answer /probe over HTTP (the default command)')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', '\nEvery flag can come from the environment; flags win. A list is separated by commas there.')
    .allowExcessArguments(false)
    .action(async (flags: ServeFlags) => {
      code = await actions.serve(flags)
    })
  for (const option of serveOptions()) serve.addOption(option)
  try {
    await program.parseAsync(splitValues(args), { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? 0 : usageError
  }
}
