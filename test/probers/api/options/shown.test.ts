import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadConfig } from '../../../../src/exporter.ts'

const file = new URL('../../../fixtures/api/worked.yaml', import.meta.url)
const text = readFileSync(file, 'utf8')

test('what is shown of a section can be loaded, and means the same', () => {
  const shown = loadConfig(text, 'worked.yaml').describe()
  expect(loadConfig(shown, 'shown.yaml').describe()).toBe(shown)
})

test.each([
  ['a constant', 'metrics: [{name: m, value: 1}]', 'value: 1'],
  ['a query', 'metrics: [{name: m, value: $.a}]', 'value: $.a'],
  ['a value as a map', 'metrics: [{name: m, value: {path: $.a, scale: 2}}]', 'scale: 2'],
  ['one of several values', 'metrics: [{name: m, values: {a: {path: $.a, help: Text.}}}]', 'help: Text.'],
  ['a label as a map', 'metrics: [{name: m, value: 1, labels: {l: {path: $.a, lower: true}}}]', 'lower: true'],
  ['levels', 'metrics: [{name: m, items: [$.a, {path: .b, key_regex: c}], value: 1}]', 'key_regex: c'],
  ['a duration', 'checks: [{name: c, path: $.a, parse: age, max: 26h}]', 'max: 26h'],
  ['statuses', 'valid_status_codes: [200, 2xx]', '- 200-299'],
  ['a size', 'body_size_limit: 2MB', 'body_size_limit: 2097152B'],
  ['a time to live', 'requests: {a: {extract: {x: $.x}, cache: {ttl: 4m}}}', 'ttl: 4m'],
  ['a pattern', "params: {p: {pattern: '[a-z]+'}}", "pattern: '[a-z]+'"],
])('%s is shown as it is written', (_title, section, line) => {
  const shown = loadConfig(`modules: {m: {prober: api, api: {${section}}}}`, 'x.yaml').describe()
  expect(shown.split('\n').map(text => text.trim())).toContain(line)
})
