import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { runHere } from '../cli/support.ts'
import { run, temporaryFolder, testWith } from '../support/programs.ts'

/** What is typed before the tab key, and some of what has to be offered. */
const cases = [
  ['sonde ', ['serve', 'probe', 'check', 'healthcheck', 'completion', 'help']],
  ['sonde pro', ['probe']],
  ['sonde help pro', ['probe']],
  ['sonde probe --targets-f', ['--targets-file']],
  ['sonde --config.c', ['--config.check']],
  ['sonde serve --web.listen-a', ['--web.listen-address']],
  ['sonde probe --format ', ['pretty', 'json', 'junit', 'nagios']],
  ['sonde probe -f ju', ['junit']],
  ['sonde serve --log.format=j', ['json']],
  ['sonde completion ', ['bash', 'zsh', 'fish']],
  ['sonde check ch', ['checks one.yaml']],
  ['sonde check --output ch', ['checks one.yaml']],
  ['sonde check --config.file ch', ['checks one.yaml']],
] as const

const marker = '<<next>>'

/** Calls what bash calls, on words split as bash splits them. */
const bashCall = (line: string) => {
  const words = line.split(/ |(=)/).filter(word => word !== undefined)
  const array = words.map(word => `'${word}'`).join(' ')
  return `COMP_WORDS=(${array}); COMP_CWORD=${words.length - 1}; _sonde; printf '%s\\n' "\${COMPREPLY[@]}" '${marker}'`
}

/** zsh completes on a terminal only: lines and tabs are typed into one, where compadd tells what it is given. */
const zshSetup = `
PROMPT= RPROMPT=
unset zle_bracketed_paste
autoload -U compinit; compinit -u -D
compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  local -a found
  builtin compadd -A found "$@"
  (( $#found )) && print -rl -- '' "\${found[@]}"
  builtin compadd "$@"
}
tell() { zle complete-word; print -r -- '${marker}'; zle kill-whole-line }
zle -N tell; bindkey '^I' tell
`

const scripts: Readonly<Record<string, (file: string, setup: string) => string>> = {
  bash: file => [`source '${file}'`, ...cases.map(([line]) => bashCall(line))].join('\n'),
  fish: file =>
    [`source '${file}'`, ...cases.map(([line]) => `complete -C '${line}'; echo; echo '${marker}'`)].join('\n'),
  zsh: (file, setup) => `
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell 'source ${setup}; source ${file}; print rea""dy'
    zpty -r shell out '*ready*'
    for line in ${cases.map(([line]) => `'${line}'`).join(' ')}; do
      zpty -w -n shell "$line"$'\\t'
      zpty -r shell out '*${marker}*'
      print -r -- "$out"
    done
    zpty -d shell`,
}

for (const [shell, script] of Object.entries(scripts)) {
  testWith(shell)(`the script for ${shell} offers what the commands know`, async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, `sonde.${shell}`)
    const setup = join(folder.path, 'setup')
    await writeFile(file, (await runHere(['completion', shell])).stdout)
    await writeFile(join(folder.path, 'checks one.yaml'), '')
    await writeFile(setup, zshSetup)
    const { stdout, stderr } = run('timeout', ['60', shell, '-c', `cd '${folder.path}'\n${script(file, setup)}`])
    expect(stderr).toBe('')
    const offered = stdout.split(marker).map(part =>
      part.split(/\r?\n/).map(line =>
        line
          .split('\t')[0]
          ?.replace(/\\(.)/g, '$1')
          .replace(/^--[\w.-]+=/, '')
          .trim(),
      ),
    )
    for (const [index, [line, expected]] of cases.entries()) {
      expect({ line, offered: offered[index] }).toEqual({ line, offered: expect.arrayContaining([...expected]) })
    }
  })
}

testWith('shellcheck')('shellcheck has nothing to say of the script for bash', async () => {
  const { stdout } = await runHere(['completion', 'bash'])
  expect(run('shellcheck', ['--shell=bash', '-'], stdout)).toMatchObject({ status: 0, stdout: '' })
})
