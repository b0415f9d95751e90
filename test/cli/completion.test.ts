import { Argument } from 'commander'
import { describe, expect, test } from 'vitest'
import { defineCommand } from '../../src/cli/command.ts'
import { completionCommand } from '../../src/cli/completion/index.ts'
import { boolFlag, flag } from '../../src/cli/flags.ts'
import { manPage } from '../../src/cli/man-page.ts'
import { commands } from '../../src/commands.ts'
import { runHere } from './support.ts'

const words = commands.flatMap(({ name, options = [] }) => [name, ...options.map(({ long = '' }) => long.slice(2))])

describe('what a command says of itself is', () => {
  test.each(['bash', 'zsh', 'fish'])('in the completion of %s', async shell => {
    const { status, stdout } = await runHere(['completion', shell])
    expect(status).toBe(0)
    for (const word of words) expect(stdout).toContain(word)
  })

  test('in the man page', () => {
    const page = manPage(commands, '1.2.3').replaceAll('\\-', '-')
    for (const word of words) expect(page).toContain(word)
    for (const { envVar } of commands.flatMap(({ options = [] }) => options)) expect(page).toContain(envVar ?? '')
  })

  test('in the help', async () => {
    const { stdout } = await runHere(['--help'])
    for (const { name, summary } of commands) {
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(summary)
      const help = await runHere(['help', name])
      expect(help).toMatchObject({ status: 0, stderr: '' })
      expect(help.stdout).toBe((await runHere([name, '--help'])).stdout)
    }
  })
})

test('texts of any kind are quoted', async () => {
  const odd = defineCommand<object>({
    name: 'odd',
    summary: 'it\'s [odd]: $(x) `y` \\ "z"',
    arguments: [new Argument('<file>', 'a file')],
    options: [flag('--it <x>', "it's [odd]: $(x) `y` \\"), boolFlag('switch', '.starts with a dot')],
    run: async () => 0,
  })
  const own = [odd, completionCommand([odd])]
  const script = async (shell: string) => (await runHere(['completion', shell], { commands: own })).stdout
  expect(await script('zsh')).toContain("'odd:it'\\''s \\[odd\\]\\: $(x) `y` \\\\ \"z\"'")
  expect(await script('fish')).toContain("'it\\'s [odd]: $(x) `y` \\\\ \"z\"'")
  expect(await script('bash')).not.toContain('$(x)')
  const page = manPage(own, '1.2.3')
  expect(page).toContain('\n\\&.starts with a dot')
  expect(page).toContain('`y` \\e')
})

test('a shell that is not known: 2', async () => {
  expect(await runHere(['completion', 'tcsh'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('bash, zsh, fish'),
  })
})
