import { Argument } from 'commander'
import { type Command, defineCommand } from '../command.ts'
import type { ReadConfig } from '../config-file.ts'
import { flagsNote } from '../flags.ts'
import { errorCodeOf, runAndReport } from '../run/index.ts'
import { type RunFlags, runOptions } from '../run/options.ts'
import type { Task } from '../run/task.ts'
import { readText, readYaml } from '../text-file.ts'
import { checksFile, type NamedCheck } from './checks-file.ts'
import { complaintOf } from './judge.ts'

const taskOf = (check: NamedCheck): Task => ({
  name: check.name,
  module: check.module,
  target: check.target,
  params: new Map(Object.entries(check.params)),
  labels: { check: check.key, instance: check.target, module: check.module },
  complaint: found => complaintOf(check, found),
})

const notes = `\
A checks file is a list:
  - name: the shop answers
    module: http_2xx
    target: https://shop.example.org
    max_duration: 2s
    metrics: [{name: probe_http_redirects, max: 1}]
  - name: the old port is closed
    module: http_2xx
    target: http://shop.example.org:8080
    expect: down

Exit code: as of sonde probe.

${flagsNote}`

/** `sonde check`. */
export const checkCommand = (readConfig: ReadConfig): Command =>
  defineCommand<RunFlags>({
    name: 'check',
    summary: 'run the checks of a file and report, for a CI job',
    arguments: [new Argument('<file>', 'file of checks; - is standard input')],
    options: runOptions(),
    notes,
    async run(flags, [file = ''], io) {
      const checks = readYaml(checksFile, await readText(file, io), file)
      return runAndReport('check', checks.map(taskOf), flags, readConfig, io)
    },
    errorCode: errorCodeOf,
  })
