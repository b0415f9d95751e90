import { Command as Commander, CommanderError } from 'commander'
import { revision, version } from '../kit/version.ts'
import { type Command, exitCodes, type Io, UsageError } from './command.ts'

const versionText = [
  `sonde, version ${version} (revision: ${revision})`,
  `  node:     ${process.version}`,
  `  platform: ${process.platform}/${process.arch}`,
].join('\n')

/**
 * Puts the value of each flag into an argument of its own: commander looks for similar names only when it stands apart,
 * and what follows a switch would be taken for its value.
 */
function splitValues(args: readonly string[], commands: readonly Command[]): readonly string[] {
  const switches = commands.flatMap(({ options = [] }) => options.filter(({ optional }) => optional))
  const isSwitch = (arg: string) => switches.some(({ long }) => long === arg)
  const end = args.indexOf('--')
  const flags = end === -1 ? args : args.slice(0, end)
  const split = flags.flatMap(arg => {
    if (isSwitch(arg)) return [arg, 'true']
    return /^(--[^=]+)=([\s\S]*)$/.exec(arg)?.slice(1) ?? [arg]
  })
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
    .addHelpText('after', '\nWithout a command it serves. `sonde help serve` lists its flags.')
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
  for (const command of commands) {
    addCommand(program, command, async (flags, rest) => {
      code = await command.run(flags, rest, io)
    })
  }
  try {
    await program.parseAsync(splitValues(args, commands), { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.success
    const isUsage = error instanceof UsageError || error instanceof CommanderError
    if (error instanceof UsageError) io.err(`error: ${error.message}\n`)
    else if (!isUsage) io.err(`internal error: ${error instanceof Error ? error.stack : String(error)}\n`)
    const named = commands.find(({ name }) => name === args[0])
    return named?.errorCode?.(args, io) ?? (isUsage ? exitCodes.usage : exitCodes.bug)
  }
}
