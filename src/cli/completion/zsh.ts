import { type CommandWords, type FlagWords, quoted, type Value } from './words.ts'

/** Text inside of a specification of _arguments or _describe. */
const plain = (text: string) => text.replace(/[\\:[\]]/g, '\\$&')

const action = ({ choices, isFile }: Value) => (choices.length > 0 ? `(${choices.join(' ')})` : isFile ? '_files' : ' ')

function flagSpecs({ long, short, description, value }: FlagWords): readonly string[] {
  const text = `[${plain(description)}]`
  if (value === undefined) return [long, ...(short ? [short] : [])].map(name => quoted(`*${name}${text}`))
  const tail = `${text}:${plain(value.name)}:${action(value)}`
  return [quoted(`*${long}=${tail}`), ...(short ? [quoted(`*${short}+${tail}`)] : [])]
}

function argumentSpec(value: Value, index: number, { arguments: args, isVariadic }: CommandWords): string {
  const place = isVariadic && index === args.length - 1 ? '*' : `${index + 1}`
  return quoted(`${place}:${plain(value.name)}:${action(value)}`)
}

function branch(command: CommandWords): string {
  const specs = [
    ...command.flags.flatMap(flagSpecs),
    ...command.arguments.map((value, index) => argumentSpec(value, index, command)),
  ]
  return `    ${command.name}) _arguments ${specs.map(spec => `\\\n      ${spec}`).join(' ')} ;;`
}

/** The completion script for zsh, as a file `_sonde` of its `fpath`, or to be sourced. */
export const zshScript = (commands: readonly CommandWords[]): string =>
  `#compdef sonde
# zsh completion of sonde, made by: sonde completion zsh
_sonde() {
  local -a commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${plain(summary)}`)}`).join('\n')}
    'help:print the help of a command'
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  local name=$words[2]
  # flags without a command are those of the default one
  if [[ $name == -* ]]; then name=${commands.find(({ isDefault }) => isDefault)?.name ?? ''}; else shift words; (( CURRENT-- )); fi
  case $name in
${commands.map(branch).join('\n')}
    help) _describe command commands ;;
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _sonde "$@"; else compdef _sonde sonde; fi
`
