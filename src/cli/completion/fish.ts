import type { CommandWords, FlagWords, Value } from './words.ts'

const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`

const takes = ({ choices, isFile }: Value) =>
  choices.length > 0 ? `-x -a ${quoted(choices.join(' '))}` : isFile ? '-r -F' : '-x'

const when = ({ name, isDefault }: CommandWords) => quoted(`__sonde_runs ${isDefault ? `${name} default` : name}`)

function flagLine(command: CommandWords, { long, short, description, value }: FlagWords): string {
  const names = `-l ${long.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}`
  const tail = value === undefined ? '' : ` ${takes(value)}`
  return `complete -c sonde -n ${when(command)} ${names}${tail} -d ${quoted(description)}`
}

function argumentLines(command: CommandWords): readonly string[] {
  const choices = command.arguments.flatMap((value, index) =>
    value.choices.length === 0
      ? []
      : [
          `complete -c sonde -n ${quoted(`__sonde_runs ${command.name}; and __sonde_at ${index + 2}`)} -f -a ${quoted(value.choices.join(' '))}`,
        ],
  )
  const files = command.arguments.some(({ isFile }) => isFile) ? [`complete -c sonde -n ${when(command)} -F`] : []
  return [...choices, ...files]
}

/** The completion script for fish. */
export const fishScript = (commands: readonly CommandWords[]): string => {
  const names = commands.map(({ name }) => name).join(' ')
  return `# fish completion of sonde, made by: sonde completion fish
function __sonde_runs --description 'whether the command is one of these'
    set -l words (commandline -opc)
    if not set -q words[2]; or string match -q -- '-*' $words[2]
        contains default $argv
    else
        contains -- $words[2] $argv
    end
end
function __sonde_at --description 'whether so many words stand before the cursor'
    test (count (commandline -opc)) -eq $argv[1]
end
complete -c sonde -f
${commands.map(({ name, summary }) => `complete -c sonde -n '__sonde_at 1' -a ${name} -d ${quoted(summary)}`).join('\n')}
complete -c sonde -n '__sonde_at 1' -a help -d 'print the help of a command'
complete -c sonde -n '__sonde_runs help; and __sonde_at 2' -a ${quoted(names)}
${commands.flatMap(command => [...command.flags.map(flag => flagLine(command, flag)), ...argumentLines(command)]).join('\n')}
`
}
