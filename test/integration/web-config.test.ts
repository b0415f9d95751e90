import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { run, temporaryFolder, testWith } from '../support/programs.ts'
import { certificates, faultyWebConfigs, soundWebConfigs, strictlyFaultyWebConfigs } from '../support/web-configs.ts'

const withPromtool = testWith('promtool')

/** Whether promtool takes a text for a web configuration file. */
async function doesPromtoolTake(text: string): Promise<boolean> {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'web.yml')
  // Paths are relative to the file's folder, which is not that of the certificates.
  const absolute = text.replaceAll(/(_file: )([\w.-]+\.(?:crt|key))/g, `$1${certificates}$2`)
  await writeFile(file, absolute)
  return run('promtool', ['check', 'web-config', file]).status === 0
}

// These are newer than promtool 2.42, which refuses all that has one of them.
const hasNewKey = (text: string) => /\b(rate_limit|client_allowed_sans|cert|key|client_ca):/.test(text)

const comparable = (cases: Readonly<Record<string, string | readonly [string, ...string[]]>>) =>
  Object.entries(cases)
    .map(([name, given]) => [name, typeof given === 'string' ? given : given[0]] as const)
    .filter(([, text]) => !hasNewKey(text))

withPromtool.each(comparable(soundWebConfigs))('promtool takes %s, too', async (_name, text) => {
  expect(await doesPromtoolTake(text)).toBe(true)
})

withPromtool.each(comparable(faultyWebConfigs))('promtool refuses %s, too', async (_name, text) => {
  expect(await doesPromtoolTake(text)).toBe(false)
})

withPromtool.each(comparable(strictlyFaultyWebConfigs))('promtool sees nothing wrong in %s', async (_name, text) => {
  expect(await doesPromtoolTake(text)).toBe(true)
})
