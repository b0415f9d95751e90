import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConfigError } from '../../src/config/config-error.ts'
import { printYaml } from '../../src/config/yaml.ts'
import { loadConfig } from '../../src/exporter.ts'
import * as probers from '../../src/probers/index.ts'

/** Loads a text, and shows what was loaded; any other error than the one for mistakes is a crash. */
function load(text: string): 'loaded' | 'refused' {
  try {
    loadConfig(text, 'x.yaml').describe()
    return 'loaded'
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).problems.length).toBeGreaterThan(0)
    return 'refused'
  }
}

test('text of any kind never crashes the loader', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), text => void load(text)),
    { numRuns: 500 },
  )
})

const keys = Object.values(probers).flatMap(({ name, options }) => [
  name,
  ...Object.keys((options as { readonly shape?: object }).shape ?? {}),
])

test('maps with real keys and any values never crash it', () => {
  const key = fc.constantFrom(
    ...keys,
    'prober',
    'auths',
    'timeout',
    'retries',
    'attempts',
    'delay',
    'on',
    'username',
    'ca',
    'cert',
  )
  const leaf = fc.oneof(
    fc.constantFrom('5s', 'A', 'udp', 'ip4', 'yes', '', '[', '10MB', 'https://x/', null, true, 0, -1, 1.5, 200),
    fc.string(),
    fc.uint8Array({ maxLength: 4 }),
  )
  const { tree } = fc.letrec(tie => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
    ),
  }))
  const section = fc.dictionary(key, tree, { maxKeys: 6 })
  const module = fc
    .tuple(fc.constantFrom(...Object.keys(probers), 'nope'), section, tree)
    .map(([prober, options, auths]) => ({
      prober,
      ...(typeof auths === 'object' && { auths }),
      [prober]: options,
    }))
  const seen = new Set<string>()
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.oneof(module, tree), { maxKeys: 3 }),
      fc.option(tree),
      (modules, auths) => {
        seen.add(load(printYaml({ auths, modules })))
      },
    ),
    { numRuns: 400 },
  )
  expect(seen).toEqual(new Set(['loaded', 'refused']))
})

test('modules: alone is a configuration without modules', () => {
  expect(loadConfig('modules:', 'x.yaml').modules.size).toBe(0)
})
