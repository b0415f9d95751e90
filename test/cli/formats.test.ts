import fc from 'fast-check'
import { Parser } from 'tap-parser'
import { describe, expect, test } from 'vitest'
import { oneLine } from '../../src/cli/formats/format.ts'
import { formatNamed } from '../../src/cli/formats/index.ts'
import { exitCodeOf } from '../../src/cli/run/run-tasks.ts'
import type { Outcome, Report } from '../../src/cli/run/task.ts'
import type { Family } from '../../src/engine/probe-metrics.ts'
import { parseExposition } from '../support/exposition.ts'
import { aReport, failed, mixed, outcome, report, task } from './reports.ts'

const print = async (name: string, of: Report, color = false) => formatNamed(name).print(of, { color })

const gauge = (name: string, ...samples: Family['samples']): Family => ({
  name,
  help: `Help of ${name}.`,
  type: 'gauge',
  samples,
})

describe('as they stand', () => {
  test.each(['pretty', 'json', 'jsonl', 'junit', 'tap', 'github', 'nagios'])('%s', async name => {
    await expect(await print(name, mixed())).toMatchFileSnapshot(`formats/${name}.txt`)
  })

  test('the table of github', async () => {
    await expect(formatNamed('github').stepSummary?.(mixed())).toMatchFileSnapshot('formats/github-summary.md')
  })

  test('pretty: one target, and colours', async () => {
    expect(await print('pretty', report([outcome(task('https://a.example'))]))).toBe(
      '✓  http_2xx  https://a.example    12.3 ms\n',
    )
    const text = await print('pretty', mixed(), true)
    expect(text).toContain('\u001b[32m✓\u001b[0m')
    expect(text).toContain('\u001b[31m✗\u001b[0m')
    expect(text).toContain('\u001b[33m!\u001b[0m')
    expect(text).not.toContain('m\u001b[0m')
  })

  test('quiet', async () => {
    expect(await print('quiet', mixed())).toBe('')
  })
})

describe('prom', () => {
  const families = (value: number) => [gauge('probe_success', { labels: {}, value })]
  const [a, b] = [task('https://a.example'), task('192.0.2.53', 'dns_a')]

  test('one target: without labels of ours', async () => {
    expect(await print('prom', report([outcome(a, { families: families(1) })]))).toBe(
      '# HELP probe_success Help of probe_success.\n# TYPE probe_success gauge\nprobe_success 1\n',
    )
  })

  test('several: instance and module, families in one piece', async () => {
    const text = await print(
      'prom',
      report([outcome(a, { families: families(1) }), failed(b, 'x', { families: families(0) })]),
    )
    expect(text.split('\n').filter(line => !line.startsWith('#'))).toEqual([
      'probe_success{instance="https://a.example",module="http_2xx"} 1',
      'probe_success{instance="192.0.2.53",module="dns_a"} 0',
      '',
    ])
    expect(parseExposition(text)).toHaveLength(2)
  })

  test('several of which one is left: still with labels', async () => {
    const text = await print('prom', report([outcome(a, { families: families(1) })], { skipped: [b] }))
    expect(text).toContain('instance="https://a.example"')
  })

  test("a series' own labels of these names are kept as Prometheus keeps them", async () => {
    const own = [gauge('probe_x', { labels: { instance: 'mine', other: 'o' }, value: 1 })]
    const text = await print('prom', report([outcome(a, { families: own }), outcome(b)]))
    expect(text).toContain('{exported_instance="mine",instance="https://a.example",module="http_2xx",other="o"}')
  })

  test('never the same series twice, never two types of a family', async () => {
    const counter: Family = { ...gauge('probe_success', { labels: {}, value: 7 }), type: 'counter' }
    const of = report([
      outcome(a, { families: families(1) }),
      outcome(a, { families: families(0) }),
      outcome(b, { families: [counter] }),
    ])
    const text = await print('prom', of)
    expect(parseExposition(text).map(({ value }) => value)).toEqual([1, 7])
    expect(text.match(/^# TYPE .*/gm)).toEqual(['# TYPE probe_success untyped'])
  })
})

describe('exit codes', () => {
  const [good, bad] = [outcome(task('a')), failed(task('b'), 'x')]
  const refused = failed(task('c'), 'x', { fault: 'caller' })
  const broken = failed(task('d'), 'x', { fault: 'sonde' })
  const slow = outcome(task('e'), { warning: 'slow' })

  test.each<[string, readonly Outcome[], Partial<Report>, number, number]>([
    ['passed', [good], {}, 0, 0],
    ['slow', [good, slow], {}, 0, 1],
    ['failed', [good, slow, bad], {}, 1, 2],
    ["the caller's mistake", [good, refused], {}, 2, 3],
    ['both', [bad, refused], {}, 2, 2],
    ['ours', [bad, refused, broken], {}, 3, 2],
    ['ours alone', [broken, slow], {}, 3, 3],
    ['interrupted', [good], { interrupted: 'SIGTERM' }, 143, 3],
  ])('%s', (_name, outcomes, rest, usual, nagios) => {
    const of = report(outcomes, rest)
    expect(exitCodeOf(of)).toBe(usual)
    expect(formatNamed('nagios').exitCode?.(of)).toBe(nagios)
  })
})

const controls = /(?!\n)[\p{Cc}\u2028\u2029]|\p{Cs}/u

const lines = (text: string) => {
  expect(text).not.toMatch(controls)
  expect(text.endsWith('\n')).toBe(true)
  return text.slice(0, -1).split('\n')
}

const check = (test: (of: Report) => Promise<void>) => fc.assert(fc.asyncProperty(aReport, test), { numRuns: 300 })

const bad = ({ outcomes }: Report) => outcomes.filter(({ success }) => !success)

describe('nothing that a target says breaks a format', () => {
  test('pretty', () =>
    check(async of => {
      const printed = lines(await print('pretty', of))
      const rest = of.outcomes.length > 1 ? 2 : 0
      expect(printed).toHaveLength(of.outcomes.length + 3 * bad(of).length + rest)
    }))

  test('json and jsonl', () =>
    check(async of => {
      const whole = JSON.parse(lines(await print('json', of)).join('\n'))
      expect(whole.results.map(({ target }: { target: string }) => target)).toEqual(
        of.outcomes.map(({ target }) => target),
      )
      const single = lines(await print('jsonl', of)).map(line => JSON.parse(line))
      expect(single).toEqual(whole.results)
    }))

  test('tap', () =>
    check(async of => {
      const text = lines(await print('tap', of)).join('\n')
      const results = Parser.parse(`${text}\n`)
      expect(results.filter(([kind]) => kind === 'extra')).toEqual([])
      const [, complete] = results.find(([kind]) => kind === 'complete') as [string, Record<string, unknown>]
      expect(complete).toMatchObject({
        ok: bad(of).length === 0,
        bailout: false,
        count: of.outcomes.length,
        fail: bad(of).length,
      })
      expect(complete).toMatchObject({ skip: 0, todo: 0 })
      const diags = results.flatMap(([kind, assert]) =>
        kind === 'assert' ? [(assert as { diag?: unknown }).diag] : [],
      )
      expect(diags.filter(diag => diag)).toHaveLength(bad(of).length)
    }))

  test('github', () =>
    check(async of => {
      const printed = lines(await print('github', of))
      const command = /^::(?:error|warning) title=([^:,\r\n]*)::[^\r\n]*$/
      const titles = printed.flatMap(line => {
        const [, title] = command.exec(line) ?? []
        return title === undefined ? [] : [decodeURIComponent(title)]
      })
      const told = of.outcomes.filter(({ success, warning }) => !success || warning !== undefined)
      expect(titles).toEqual(told.map(({ module, task: { name } }) => oneLine(`${module} ${name}`)))
      const expected = told.length
      expect(printed).toHaveLength(expected + 1)
      const table = lines(formatNamed('github').stepSummary?.(of) ?? '')
      const rows = table.filter(line => line.startsWith('|'))
      expect(rows).toHaveLength(of.outcomes.length + 2)
      for (const row of rows.slice(2)) expect(row.match(/\|/g)).toHaveLength(6)
      for (const row of rows.slice(2)) expect(row).not.toMatch(/[<>`*_[\]!]/)
    }))

  test('nagios', () =>
    check(async of => {
      const [first = '', ...more] = lines(await print('nagios', of))
      expect(first).toMatch(/^SONDE (OK|WARNING|CRITICAL|UNKNOWN) - [^|]* \| [^|]*$/)
      const data = first.slice(first.indexOf(' | ') + 3)
      expect(data.match(/(^| )(time|'[^'=]*')=\d+\.\d{6}s;;;0(?= |$)/g)).toHaveLength(of.outcomes.length)
      expect(more.join('')).not.toContain('|')
    }))

  test('junit: what XML allows, and every text is found again', () =>
    check(async of => {
      const text = await print('junit', of)
      const xml = text.replace('<?xml version="1.0" encoding="UTF-8"?>\n', '')
      expect(xml).not.toMatch(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u)
      expect(xml.replace(/<\/?[a-z-]+( [a-z]+="[^"<>]*")*\/?>/g, '')).not.toMatch(/[<>]/)
      expect(xml.replace(/&(amp|lt|gt|quot|apos);/g, '')).not.toContain('&')
      expect(xml.match(/<testcase /g)).toHaveLength(of.outcomes.length)
      expect(xml.match(/<(failure|error) /g) ?? []).toHaveLength(bad(of).length)
    }))

  test('prom', () =>
    check(async of => {
      const families = [gauge('probe_success', { labels: {}, value: 1 })]
      const text = await print('prom', report(of.outcomes.map(one => ({ ...one, families }))))
      const distinct = new Set(of.outcomes.map(({ task: { labels } }) => JSON.stringify(labels)))
      expect(parseExposition(text)).toHaveLength(of.outcomes.length === 1 ? 1 : distinct.size)
    }))
})

test('a usage error has a code of its own in nagios alone', () => {
  expect(formatNamed('nagios').usageCode).toBe(3)
  expect(formatNamed('junit').usageCode).toBeUndefined()
})
