import { Command as Commander, CommanderError } from 'commander'
import { revision, version } from '../kit/version.ts'
import { type Command, exitCodes, type Io, UsageError } from './command.ts'

const versionText = [
  `sonde, version ${version} (revision: ${revision})`,
  `  node:     ${process.version}`,
  `  platform: ${process.platform}/${process.arch}`,
].join('\n')

// commander looks for similar names only when the value stands apart.
function splitValues(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--')
  const flags = end === -1 ? args : args.slice(0, end)
  const split = flags.flatMap(arg => /^(--[^=]+)=([\s\S]*)$/.exec(arg)?.slice(1) ?? [arg])
  return [...split, ...args.slice(flags.length)]
}

function addCommand(
  program: Commander,
  command: Command,
  run: (flags: object, args: readonly string[]) => Promise<void>,
) {
  const added = program
    .command(command.name, { isDefault: command.isDefault ?? false })
    .description(command.summary)
    .helpOption('-h, --help', 'print this help')
    .allowExcessArguments(false)
    .action(() => run(added.opts(), added.args))
  for (const argument of command.arguments ?? []) added.addArgument(argument)
  for (const option of command.options ?? []) added.addOption(option)
  if (command.notes !== undefined) added.addHelpText('after', `\n${command.notes}`)
}

/** Runs the one of `commands` that `args` (without node and script) name. Returns the exit code: 2 for bad usage. */
export async function runProgram(args: readonly string[], commands: readonly Command[], io: Io): Promise<number> {
  let code: number = exitCodes.success
  const program = new Commander('sonde')
    .description('Multi-target probe exporter for Prometheus.')
    .version(versionText, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
  for (const command of commands) {
    addCommand(program, command, async (flags, rest) => {
      code = await command.run(flags, rest, io)
    })
  }
  try {
    await program.parseAsync(splitValues(args), { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof UsageError) io.err(`error: ${error.message}\n`)
    else if (!(error instanceof CommanderError)) throw error
    else if (error.exitCode === 0) return exitCodes.success
    return exitCodes.usage
  }
}
