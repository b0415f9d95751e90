import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/exporter.ts'

const folder = new URL('../fixtures/config/', import.meta.url).pathname

// Every faulty file stands beside the lines that it must give: x.yaml and x.errors.
test.each(
  readdirSync(folder)
    .filter(name => name.endsWith('.errors'))
    .map(name => name.slice(0, -7)),
)('%s', name => {
  const file = `${name}.yaml`
  const expected = readFileSync(join(folder, `${name}.errors`), 'utf8')
    .trimEnd()
    .split('\n')
  let told: readonly string[] = []
  try {
    loadConfig(readFileSync(join(folder, file), 'utf8'), file)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    told = (error as ConfigError).message.split('\n')
  }
  expect(told).toEqual(expected)
})
