import { resultJson, resultsJson } from '../../engine/result-json.ts'
import type { Outcome, Task } from '../run/task.ts'
import type { Format } from './format.ts'

/** Terminals take some of these for commands, and JSON leaves them as they are. */
const escapeControls = (json: string) =>
  json.replace(/[\u007f-\u009f\u2028\u2029]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

const nameOf = ({ name, target }: Task) => name !== target && { name }

function outcomeJson(outcome: Outcome) {
  const { fault, warning, task } = outcome
  const { error, ...rest } = resultJson(outcome)
  return {
    ...nameOf(task),
    ...rest,
    ...(error !== undefined && { error: { ...error, fault } }),
    ...(warning !== undefined && { warning }),
  }
}

/** One document; `/probe?format=json` gives the same for one target. */
export const json: Format = {
  name: 'json',
  print({ outcomes, skipped, interrupted }) {
    const { success, ...rest } = resultsJson(outcomes.map(outcomeJson))
    const whole = {
      version: rest.version,
      success: success && skipped.length === 0,
      results: rest.results,
      ...(skipped.length > 0 && {
        skipped: skipped.map(task => ({ ...nameOf(task), module: task.module, target: task.target })),
      }),
      ...(interrupted !== undefined && { interrupted }),
    }
    return `${escapeControls(JSON.stringify(whole, undefined, 2))}\n`
  },
}

/** A result on each line. */
export const jsonl: Format = {
  name: 'jsonl',
  print: ({ outcomes }) =>
    outcomes.map(outcome => `${escapeControls(JSON.stringify(outcomeJson(outcome)))}\n`).join(''),
}
