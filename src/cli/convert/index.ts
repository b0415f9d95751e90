import { Argument } from 'commander'
import { type Document, parseYaml, printYaml } from '../../config/yaml.ts'
import type { Snapshot } from '../../engine/module.ts'
import { type Command, defineCommand, exitCodes, UsageError } from '../command.ts'
import { readText } from '../text-file.ts'
import { type Converted, printFindings } from './finding.ts'
import { convertJsonExporter } from './json-exporter/index.ts'
import { keepValid } from './keep-valid.ts'

/** What can be converted, by the name of the program whose configuration it is. */
const converters: Readonly<Record<string, (input: unknown) => Converted>> = { 'json-exporter': convertJsonExporter }

const notes = `\
The result goes to stdout; to stderr go lines for what was lost, and for what is good to know.

Exit code: 0 when everything was carried over, 1 when something was lost, 2 when FILE cannot be read.`

function readDocument(text: string, file: string): Document {
  const document = parseYaml(text)
  const faults = document.faults.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`)
  if (faults.length > 0) throw new UsageError(`cannot use ${file}:\n${faults.join('\n')}`)
  return document
}

type Load = (text: string, file: string) => Snapshot | Promise<Snapshot>

/** `sonde convert`. `load` reads a modules file. */
export const convertCommand = (load: Load): Command =>
  defineCommand({
    name: 'convert',
    summary: 'print the modules file that does what the configuration of another exporter does',
    arguments: [
      new Argument('<exporter>', 'whose configuration it is').choices(Object.keys(converters)),
      new Argument('<file>', 'its configuration file; - is standard input'),
    ],
    notes,
    async run(_flags, [exporter = '', file = ''], io) {
      const name = file === '-' ? 'standard input' : file
      const document = readDocument(await readText(file, io), name)
      const converted = converters[exporter]?.(document.value)
      if (converted === undefined) throw new UsageError(`cannot convert ${exporter}`)
      const [kept, leftOut] = await keepValid(converted.value, async value => {
        await load(printYaml(value), 'the result')
      })
      io.out(printYaml(kept))
      const more = leftOut.map(({ place, message }) => `the result: lost: ${place}: ${message}`)
      io.err([...printFindings(converted.findings, document, name), ...more].map(line => `${line}\n`).join(''))
      const isWhole = leftOut.length === 0 && converted.findings.every(({ isLoss }) => !isLoss)
      return isWhole ? exitCodes.success : exitCodes.failure
    },
  })
