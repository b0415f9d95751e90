import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { RefusedModule } from '../../src/engine/module.ts'
import { loadConfig } from '../../src/exporter.ts'
import { probe } from '../support/probe.ts'

const text = readFileSync(new URL('../fixtures/blackbox/every-key.yml', import.meta.url), 'utf8')

test('a blackbox.yml with every key of every prober loads; what sonde cannot run is refused by module', () => {
  const { modules, warnings } = loadConfig(text, 'blackbox.yml')
  const refused = [...modules.values()].filter((module): module is RefusedModule => 'refused' in module)
  expect(refused.map(({ name }) => name)).toEqual([
    'http_3xx',
    'tcp_all',
    'unix_all',
    'icmp_all',
    'grpc_all',
    'websocket_all',
  ])
  for (const module of refused) {
    expect(warnings.filter(({ message }) => message === module.refused)).toHaveLength(1)
  }
})

test('variants are read as what they mean, with a warning', () => {
  const { warnings } = loadConfig(text, 'blackbox.yml')
  expect(warnings).toContainEqual(
    expect.objectContaining({ path: 'modules.dns_all.dns.preferred_ip_protocol', message: "'ipv4' is read as ip4" }),
  )
})

test('no secret of it is shown', () => {
  const shown = loadConfig(text, 'blackbox.yml').describe()
  for (const secret of ['0123', 'abc', 's3cret', 'user:pass']) expect(shown).not.toContain(secret)
  expect(shown).toContain("X-Number: '010'")
  expect(shown).toContain('timeout: 1m30s')
})

test('a refused module answers 400 with the text of its warning', async () => {
  const { modules } = loadConfig(text, 'blackbox.yml')
  const answer = await probe(text, { module: 'http_3xx', target: 'x' })
  expect([answer.status, answer.text]).toEqual([400, `${(modules.get('http_3xx') as RefusedModule).refused}\n`])
  expect(answer.text).toContain('HTTP/3')
})
