import type { Format } from './format.ts'
import { github } from './github.ts'
import { json, jsonl } from './json.ts'
import { junit } from './junit.ts'
import { nagios } from './nagios.ts'
import { pretty } from './pretty.ts'
import { prom } from './prom.ts'
import { tap } from './tap.ts'

/** Nothing: the exit code is the answer. */
const quiet: Format = { name: 'quiet', print: () => '' }

export const formats: readonly Format[] = [pretty, json, jsonl, prom, junit, tap, github, nagios, quiet]

export const formatNames: readonly string[] = formats.map(({ name }) => name)

export function formatNamed(name: string): Format {
  const format = formats.find(candidate => candidate.name === name)
  if (format === undefined) throw new Error(`no format ${name}`)
  return format
}
