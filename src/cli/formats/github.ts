import type { Outcome, Report, Task } from '../run/task.ts'
import { type Format, oneLine, storyOf, summaryLine, timeText } from './format.ts'

const percent = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

const data = (text: string) => oneLine(text).replace(/[%\r\n]/g, percent)
const property = (text: string) => oneLine(text).replace(/[%\r\n:,]/g, percent)

const titleOf = ({ module, name }: Task) => `${module} ${name}`

function annotation(outcome: Outcome): readonly string[] {
  const { success, warning, task } = outcome
  if (!success) return [`::error title=${property(titleOf(task))}::${data(storyOf(outcome))}`]
  return warning === undefined ? [] : [`::warning title=${property(titleOf(task))}::${data(warning)}`]
}

/** As text in Markdown: whatever could be markup becomes an entity. */
const markdown = (text: string) =>
  oneLine(text).replace(/[\\`*_{}[\]<>()#|!~&@$]/g, char => `&#${char.charCodeAt(0)};`) || ' '

const row = (...cells: readonly string[]) => `| ${cells.map(markdown).join(' | ')} |`

/** Annotations for GitHub Actions, and a table on the page of the job. */
export const github: Format = {
  name: 'github',
  print: report => `${[...report.outcomes.flatMap(annotation), data(summaryLine(report))].join('\n')}\n`,
  stepSummary(report: Report) {
    const rows = report.outcomes.map(outcome =>
      row(
        outcome.success ? '✅' : '❌',
        outcome.module,
        outcome.task.name,
        timeText(outcome.durationMs),
        outcome.success ? (outcome.warning ?? '') : storyOf(outcome),
      ),
    )
    const notRun = report.skipped.map(({ module, name }) => row('➖', module, name, '', 'not run'))
    const head = ['| | module | target | time | |', '| --- | --- | --- | ---: | --- |']
    return `### sonde ${report.title}: ${markdown(summaryLine(report))}\n\n${[...head, ...rows, ...notRun].join('\n')}\n\n`
  },
}
