#!/usr/bin/env node
import './threads.ts'

import { constants } from 'node:os'
import { text } from 'node:stream/consumers'
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

// A reader that has gone (EPIPE) must not end the process.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
process.exitCode = await runProgram(process.argv.slice(2), commands, {
  out: text => process.stdout.write(text),
  err: text => process.stderr.write(text),
  env: process.env,
  isTerminal: { out: process.stdout.isTTY === true, err: process.stderr.isTTY === true },
  readInput: () => text(process.stdin),
  stopSignal,
})
setTimeout(() => process.exit(), lastWordsMs).unref() // a prober that never settles must not keep the process
