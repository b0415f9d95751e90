import type { Outcome, Report, Task } from '../run/task.ts'
import { type Format, oneLine, type Style, storyOf, summaryLine, timeText, wordOf } from './format.ts'

const codes = { red: 31, green: 32, yellow: 33, dim: 2 } as const

const painter =
  ({ color }: Style) =>
  (name: keyof typeof codes, text: string) =>
    color && text !== '' ? `\u001b[${codes[name]}m${text}\u001b[0m` : text

type Paint = ReturnType<typeof painter>

const widestColumn = 60

const widthOf = (texts: readonly string[]) =>
  Math.min(widestColumn, Math.max(0, ...texts.map(text => [...text].length)))

const padded = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - [...text].length))

/** What stands between the mark and the time. */
const columnsOf = ({ module, name }: Task) => [oneLine(module), oneLine(name)] as const

const markOf = ({ success, warning }: Outcome, paint: Paint) => {
  if (!success) return paint('red', '✗')
  return warning === undefined ? paint('green', '✓') : paint('yellow', '!')
}

function details(outcome: Outcome): readonly string[] {
  const { task, module, target } = outcome
  const named = task.name === target ? '' : ` (${oneLine(target)})`
  return ['', `✗ ${oneLine(module)} ${oneLine(task.name)}${named}`, `  ${storyOf(outcome)}`]
}

/** For people: a line for each, what failed in full, and the sum. */
export const pretty: Format = {
  name: 'pretty',
  isForPeople: true,
  print(report: Report, style: Style): string {
    const { outcomes, skipped } = report
    const paint = painter(style)
    const rows = [...outcomes.map(({ task }) => task), ...skipped].map(columnsOf)
    const widths = [0, 1].map(column => widthOf(rows.map(row => row[column] ?? '')))
    const columns = (task: Task) => columnsOf(task).map((text, column) => padded(text, widths[column] ?? 0))
    const line = (outcome: Outcome) => {
      const remark = outcome.success ? paint('yellow', outcome.warning ?? '') : paint('red', wordOf(outcome))
      const time = timeText(outcome.durationMs).padStart(9)
      return [markOf(outcome, paint), ...columns(outcome.task), paint('dim', time), remark].join('  ').trimEnd()
    }
    const lines = [
      ...outcomes.map(line),
      ...skipped.map(task => ['-', ...columns(task), ' '.repeat(9), 'not run'].join('  ')),
      ...outcomes.filter(({ success }) => !success).flatMap(details),
      ...(rows.length > 1 ? ['', summaryLine(report)] : []),
    ]
    return `${lines.join('\n')}\n`
  },
}
