import type { Outcome, Report, Task } from '../run/task.ts'
import { type Format, oneLine, summaryLine } from './format.ts'

/** `#` begins a directive. */
const described = ({ module, name }: Task) => oneLine(`${module} ${name}`).replace(/[\\#]/g, char => `\\${char}`)

/** JSON is YAML. */
const yaml = (value: string | number) => JSON.stringify(typeof value === 'string' ? oneLine(value) : value)

function diagnosis({ fault, reason, message, durationMs }: Outcome): readonly string[] {
  return [
    '  ---',
    ...(reason === undefined ? [] : [`  reason: ${reason}`]),
    `  fault: ${fault}`,
    `  message: ${yaml(message ?? '')}`,
    `  duration_ms: ${yaml(durationMs)}`,
    '  ...',
  ]
}

/** The Test Anything Protocol, version 13 and later. */
export const tap: Format = {
  name: 'tap',
  print(report: Report) {
    const { outcomes, skipped, interrupted } = report
    const point = (outcome: Outcome, index: number) => {
      const { success, task, warning } = outcome
      const line = `${success ? 'ok' : 'not ok'} ${index + 1} - ${described(task)}`
      const slow = warning === undefined ? [] : [`# slow: ${warning}`]
      return [line, ...(success ? slow : diagnosis(outcome))]
    }
    const bail = interrupted === undefined ? [] : [`Bail out! interrupted by ${interrupted}`]
    const lines = [
      'TAP version 13',
      `1..${outcomes.length + skipped.length}`,
      ...outcomes.flatMap(point),
      ...skipped.map((task, index) => `ok ${outcomes.length + index + 1} - ${described(task)} # SKIP not run`),
      `# ${summaryLine(report)}`,
      ...bail,
    ]
    return `${lines.join('\n')}\n`
  },
}
