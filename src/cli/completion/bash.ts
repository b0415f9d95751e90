import { type CommandWords, quoted, type Value } from './words.ts'

const words = (list: string) => `mapfile -t COMPREPLY < <(compgen -W ${quoted(list)} -- "$cur")`

const complete = ({ choices, isFile }: Value) => {
  if (choices.length > 0) return words(choices.join(' '))
  return isFile ? 'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur")' : ':'
}

function branch({ name, isDefault, flags, arguments: args, isVariadic }: CommandWords, names: string): string {
  const withValue = flags.flatMap(({ long, short, value }) =>
    value === undefined
      ? []
      : [`        ${short === undefined ? long : `${short}|${long}`}) ${complete(value)}; return ;;`],
  )
  const own = flags.flatMap(({ long, short }) => [long, ...(short === undefined ? [] : [short])]).join(' ')
  const positional = args.map((value, index) => {
    const place = isVariadic && index === args.length - 1 ? '*' : `${index + 2}`
    return `        ${place}) ${complete(value)} ;;`
  })
  return [
    `    ${isDefault ? `${name}|''` : name})`,
    '      case $prev in',
    ...withValue,
    '      esac',
    '      if [[ $cur == -* ]]; then',
    `        ${words(own)}`,
    '        return',
    '      fi',
    '      case $COMP_CWORD in',
    ...(isDefault ? [`        1) ${words(names)} ;;`] : positional),
    '      esac ;;',
  ].join('\n')
}

/** The completion script for bash, which needs nothing beside bash. */
export function bashScript(commands: readonly CommandWords[]): string {
  const names = [...commands.map(({ name }) => name), 'help'].join(' ')
  return `# bash completion of sonde, made by: sonde completion bash
_sonde() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=
  COMPREPLY=()
  # bash splits --flag=value at the =
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if ((COMP_CWORD > 1)) && [[ \${COMP_WORDS[1]} != -* ]]; then command=\${COMP_WORDS[1]}; fi
  case $command in
${commands.map(command => branch(command, names)).join('\n')}
    help) ${words(commands.map(({ name }) => name).join(' '))} ;;
  esac
}
complete -F _sonde sonde
`
}
