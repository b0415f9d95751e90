import { Argument } from 'commander'
import { type Command, defineCommand, exitCodes } from '../command.ts'
import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import { type CommandWords, wordsOf } from './words.ts'
import { zshScript } from './zsh.ts'

const scripts: Readonly<Record<string, (commands: readonly CommandWords[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

const notes = `\
For this shell, or for all later ones:
  source <(sonde completion bash)
  sonde completion bash > ~/.local/share/bash-completion/completions/sonde
  sonde completion zsh > "\${fpath[1]}/_sonde"
  sonde completion fish > ~/.config/fish/completions/sonde.fish`

/** `sonde completion`, for itself and the other commands. */
export function completionCommand(others: readonly Command[]): Command {
  const own: Command = defineCommand<object>({
    name: 'completion',
    summary: 'print the completion script of a shell',
    arguments: [new Argument('<shell>', 'shell').choices(Object.keys(scripts))],
    notes,
    async run(_flags, [shell = ''], { out }) {
      out(scripts[shell]?.(wordsOf([...others, own])) ?? '')
      return exitCodes.success
    },
  })
  return own
}
