import type { Io } from '../command.ts'

const many = 10
const clearLine = '\r\u001b[K'

/** A line on a terminal that tells how far a run is; nothing when the tasks are few or nobody looks. */
export function createProgress(tasks: number, { err, isTerminal }: Io) {
  const isShown = tasks > many && isTerminal.err
  const show = (text: string) => {
    if (isShown) err(text)
  }
  return {
    update: (done: number, failed: number) =>
      show(`${clearLine}${done} of ${tasks}${failed > 0 ? `, ${failed} failed` : ''}`),
    end: () => show(clearLine),
  }
}
