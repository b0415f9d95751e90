import type { ReadStream } from 'node:tty'
import { UsageError } from '../command.ts'

const enter = /[\r\n]/
const [interrupt, endOfInput, backspace, remove] = ['\u0003', '\u0004', '\b', '\u007f']

/** Reads a line from a terminal that does not show it. Throws `UsageError` when it is called off. */
export function readHidden(terminal: ReadStream): Promise<string> {
  const typed: string[] = []
  terminal.setRawMode(true).setEncoding('utf8').resume()
  return new Promise<string>((resolve, reject) => {
    const onData = (data: string) => {
      for (const character of data) {
        if (enter.test(character)) return settle(() => resolve(typed.join('')))
        if (character === interrupt || character === endOfInput) {
          return settle(() => reject(new UsageError('called off')))
        }
        if (character === backspace || character === remove) typed.pop()
        else typed.push(character)
      }
    }
    const settle = (work: () => void) => {
      terminal.off('data', onData).setRawMode(false).pause()
      work()
    }
    terminal.on('data', onData)
  })
}
