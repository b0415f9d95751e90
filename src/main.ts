#!/usr/bin/env node
import './threads.ts'

import { readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import type { ServeFlags } from './cli/flags.ts'
import { runProgram } from './cli/program.ts'
import { ConfigError } from './config/load.ts'
import { createLogger } from './engine/logger.ts'
import { formatProblem } from './engine/module.ts'
import { createExporter, loadConfig } from './exporter.ts'
import { version } from './kit/version.ts'

const out = (text: string) => process.stdout.write(text)
const err = (text: string) => process.stderr.write(text)

const lastWordsMs = 500
const oldestSupportedNode = 22 // 20 works, too

/** `--config.check`: 0 and the warnings, or 1 and every mistake. */
async function checkConfig(file: string): Promise<number> {
  try {
    const { modules, warnings } = loadConfig(await readFile(file, 'utf8'), file)
    for (const warning of warnings) out(`warning: ${formatProblem(warning)}\n`)
    out(`${file}: ok, ${modules.size} modules\n`)
    return 0
  } catch (error) {
    const { message } = error as Error
    err(error instanceof ConfigError ? `${message}\n` : `cannot read ${file}: ${message}\n`)
    return 1
  }
}

/** Resolves with the first SIGTERM or SIGINT; a second one ends the process at once. */
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

async function serve(flags: ServeFlags): Promise<number> {
  if (flags['config.check']) return checkConfig(flags['config.file'])
  const log = createLogger({ level: flags['log.level'], format: flags['log.format'], write: err })
  if (Number.parseInt(process.versions.node, 10) < oldestSupportedNode) {
    log.warn('this Node is out of support, 24 is recommended', { node: process.version })
  }
  const probeLog = { level: flags['log.prober'], format: flags['log.format'], write: err }
  const exporter = createExporter({
    configFile: flags['config.file'],
    concurrency: flags['probe.concurrency'],
    queue: flags['probe.queue'],
    timeoutOffsetMs: flags.timeoutOffset,
    log,
    probeLog: (module, target) => createLogger(probeLog, { module, target }),
  })
  const stopped = stopSignal()
  process.on('SIGHUP', () => void exporter.reload().catch(() => undefined)) // it has logged why
  try {
    await exporter.reload()
  } catch {
    return 1
  }
  try {
    const listeners = await exporter.listen(flags['web.listenAddress'] ?? [{ host: undefined, port: 9115 }])
    for (const address of listeners.urls) log.info('listening', { address, version })
    log.info('shutting down', { signal: await stopped })
    await exporter.drain(listeners, flags['shutdown.timeout'])
    setTimeout(() => process.exit(0), lastWordsMs).unref() // a prober that never settles must not keep the process
    return 0
  } catch (error) {
    log.error(`cannot listen: ${(error as Error).message}`)
    return 1
  }
}

// A reader that has gone (EPIPE) must not end the process.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
process.exitCode = await runProgram(process.argv.slice(2), { serve }, { out, err })
