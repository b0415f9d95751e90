import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { commonMetrics } from '../src/engine/run-probe.ts'
import * as probers from '../src/probers/index.ts'
import { parseExposition } from './support/exposition.ts'
import { echo } from './support/probers.ts'
import { startSonde } from './support/sonde.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>
  readonly targets?: readonly { readonly expr: string }[]
}

const read = (name: string) => readFileSync(new URL(`../examples/${name}`, import.meta.url), 'utf8')
const text = read('dashboard.json')
const dashboard = JSON.parse(text)
const panels: readonly Panel[] = dashboard.panels

/** Names of metrics in an expression or a rule. */
const namesIn = (source: string) => [
  ...new Set([...source.matchAll(/\b(?:probe|sonde|process|nodejs|dns)_[a-z0-9_]+/g)].map(([name]) => name)),
]

async function knownMetrics(): Promise<ReadonlySet<string>> {
  await using sonde = await startSonde('modules: {http_2xx: {prober: echo}}', { probers: [echo] })
  const own = parseExposition(await (await sonde.get('/metrics')).text()).map(({ name }) => name)
  const probed = Object.values(probers).flatMap(prober => ('planned' in prober ? [] : prober.metrics))
  return new Set([...own, ...[...commonMetrics, ...probed].map(({ name }) => name)])
}

describe('the dashboard', () => {
  test('reads no metric that sonde does not have', async () => {
    const known = await knownMetrics()
    const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    expect(expressions.length).toBeGreaterThan(30)
    expect(namesIn(expressions.join('\n')).filter(name => !known.has(name))).toEqual([])
  })

  test('takes its data source and what it shows from variables', () => {
    expect(dashboard.templating.list.map(({ name }: { readonly name: string }) => name)).toEqual([
      'datasource',
      'job',
      'instance',
      'module',
    ])
    const uids = [...text.matchAll(/"uid": *"([^"]*)"/g)].map(match => match[1])
    expect([...new Set(uids)]).toEqual([expect.stringMatching(/^\$\{datasource\}$/)])
  })

  test('has a row for each prober and for sonde itself', () => {
    const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title)
    expect(rows).toEqual(['Overview', 'HTTP', 'DNS', 'DHCP', 'sonde itself'])
  })

  test('its panels have numbers of their own and do not overlap', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(panels.filter(({ gridPos }) => gridPos.x + gridPos.w > 24)).toEqual([])
  })
})

test('the alerts read no metric that sonde does not have, and each is tested when it fires', async () => {
  const known = await knownMetrics()
  const rules = read('alerts.yml')
  expect(namesIn(rules.replace(/_test\.yml/g, '')).filter(name => !known.has(name))).toEqual([])
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(match => match[1])
  const fired = [...read('alerts_test.yml').matchAll(/alertname: (\w+)\n +exp_alerts:\n +- /g)].map(match => match[1])
  expect(new Set(fired)).toEqual(new Set(alerts))
})
