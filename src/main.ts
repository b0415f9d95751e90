#!/usr/bin/env node
import './threads.ts'

import { constants } from 'node:os'
import { text } from 'node:stream/consumers'
import { exitCodes } from './cli/command.ts'
import { runProgram } from './cli/program.ts'
import { commands } from './commands.ts'

const lastWordsMs = 500

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    let isStopping = false
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (isStopping) process.exit(128 + constants.signals[signal])
        isStopping = true
        resolve(signal)
      })
    }
  })
}

// A reader that has gone must not end the process; a report that finds no room must not pass for one.
process.stderr.on('error', () => undefined)
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return
  process.stderr.write(`error: cannot write to standard output: ${error.message}\n`)
  process.once('exit', () => {
    process.exitCode = exitCodes.bug
  })
})

const isTerminal = ({ isTTY = false }: NodeJS.WriteStream) => isTTY && process.env.TERM !== 'dumb'

process.exitCode = await runProgram(process.argv.slice(2), commands, {
  out: text => process.stdout.write(text),
  err: text => process.stderr.write(text),
  env: process.env,
  isTerminal: { out: isTerminal(process.stdout), err: isTerminal(process.stderr) },
  readInput: () => text(process.stdin),
  stopSignal,
})
setTimeout(() => process.exit(), lastWordsMs).unref() // a prober that never settles must not keep the process
