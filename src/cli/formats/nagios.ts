import type { Outcome, Report } from '../run/task.ts'
import { type Format, oneLine, storyOf, summaryLine } from './format.ts'

const states = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const

/** What stands after `|` is performance data. */
const plain = (text: string) => oneLine(text).replaceAll('|', '¦')

function stateOf({ outcomes, interrupted }: Report): number {
  const faults = new Set(outcomes.map(({ fault }) => fault))
  if (faults.has('target')) return 2
  const isUnjudged = outcomes.some(({ fault }) => fault !== undefined) || interrupted !== undefined
  if (isUnjudged) return 3
  return outcomes.some(({ warning }) => warning !== undefined) ? 1 : 0
}

const remarkOf = (outcome: Outcome) => (outcome.success ? (outcome.warning ?? 'passed') : storyOf(outcome))

const describe = (outcome: Outcome) => plain(`${outcome.module} ${outcome.task.name}: ${remarkOf(outcome)}`)

/** `'label'=value;warning;critical;minimum`, times in seconds. */
function performanceData({ outcomes, warnMs }: Report): string {
  const label = ({ module, task }: Outcome) =>
    outcomes.length === 1 ? 'time' : `'${oneLine(`${module} ${task.name}`).replace(/['=|]/g, '_')}'`
  const warn = warnMs === undefined ? '' : warnMs / 1000
  return outcomes.map(outcome => `${label(outcome)}=${(outcome.durationMs / 1000).toFixed(6)}s;${warn};;0`).join(' ')
}

/** A plugin for Nagios, Icinga and their like, by their exit codes. */
export const nagios: Format = {
  name: 'nagios',
  print(report) {
    const { outcomes } = report
    const [first] = outcomes
    const state = states[stateOf(report)]
    const text = outcomes.length === 1 && first !== undefined ? describe(first) : plain(summaryLine(report))
    const bad = outcomes.filter(({ success, warning }) => !success || warning !== undefined)
    const more = outcomes.length > 1 ? bad.map(outcome => `${describe(outcome)}\n`) : []
    return `SONDE ${state} - ${text} | ${performanceData(report)}\n${more.join('')}`
  },
  exitCode: stateOf,
  usageCode: 3,
}
