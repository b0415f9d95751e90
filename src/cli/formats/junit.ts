import { formatEntry } from '../../engine/logger.ts'
import type { Fault, Outcome, Report, Task } from '../run/task.ts'
import { type Format, oneLine, storyOf, wordOf } from './format.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

// Char of XML 1.0, without the controls that it discourages.
const forbidden = /[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

const escaped = (text: string) =>
  text
    .toWellFormed()
    .replace(forbidden, '\ufffd')
    .replace(/[&<>"']/g, char => entities[char] ?? '')

function element(name: string, attributes: Readonly<Record<string, string | number>>, content = ''): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
  return `<${name}${pairs.join('')}${content === '' ? '/>' : `>${content}</${name}>`}`
}

const seconds = (ms: number) => (ms / 1000).toFixed(3)

function verdict(outcome: Outcome): string {
  const { fault, message } = outcome
  if (fault === undefined) return ''
  const attributes = { type: wordOf(outcome), message: oneLine(message ?? '') }
  return element(fault === 'target' ? 'failure' : 'error', attributes, escaped(storyOf(outcome)))
}

const named = ({ module, name }: Task) => ({ classname: oneLine(module), name: oneLine(name) })

function testcase(outcome: Outcome): string {
  const log = [...(outcome.warning === undefined ? [] : [outcome.warning]), ...outcome.logs.map(formatEntry)]
  const output = log.length === 0 ? '' : element('system-out', {}, escaped(log.join('\n')))
  return element('testcase', { ...named(outcome.task), time: seconds(outcome.durationMs) }, verdict(outcome) + output)
}

const skippedCase = (task: Task) =>
  element('testcase', { ...named(task), time: seconds(0) }, element('skipped', { message: 'not run' }))

/** The XML that build servers read: a case for each target, in one suite. */
export const junit: Format = {
  name: 'junit',
  print({ title, outcomes, skipped, startedAt, durationMs }: Report) {
    const count = (...faults: readonly Fault[]) =>
      outcomes.filter(({ fault }) => fault && faults.includes(fault)).length
    const counts = {
      tests: outcomes.length + skipped.length,
      failures: count('target'),
      errors: count('caller', 'server', 'sonde'),
    }
    const cases = [...outcomes.map(testcase), ...skipped.map(skippedCase)]
    const suite = element(
      'testsuite',
      {
        name: `sonde ${title}`,
        ...counts,
        skipped: skipped.length,
        time: seconds(durationMs),
        timestamp: startedAt.toISOString().slice(0, 19),
      },
      `\n${cases.join('\n')}\n`,
    )
    const suites = element('testsuites', { name: 'sonde', ...counts, time: seconds(durationMs) }, `\n${suite}\n`)
    return `<?xml version="1.0" encoding="UTF-8"?>\n${suites}\n`
  },
}
