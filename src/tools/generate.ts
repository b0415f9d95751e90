import { readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { manPage } from '../cli/man-page.ts'
import { commands } from '../commands.ts'
import { describe } from '../config/describe.ts'
import { type Definition, moduleOptions, modulesSchema } from '../config/schema.ts'
import { commonMetrics } from '../engine/run-probe.ts'
import type { MetricDef } from '../kit/metrics.ts'
import { z } from '../kit/options.ts'
import { version } from '../kit/version.ts'
import * as probers from '../probers/index.ts'

const definitions: readonly Definition[] = Object.values(probers)
const root = new URL('../../', import.meta.url)

type JsonSchema = z.core.JSONSchema.BaseSchema

const toJsonSchema = (schema: z.ZodType, reused: 'ref' | 'inline' = 'inline'): JsonSchema =>
  z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-07',
    unrepresentable: 'any',
    reused,
    // zod leaves out the default of what is transformed; written as YAML it is right.
    override({ zodSchema, jsonSchema }) {
      const { def } = (zodSchema as z.core.$ZodTypes)._zod
      if (def.type === 'default') jsonSchema.default ??= describe(def.innerType, def.defaultValue) as string
    },
  })

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const row = (...cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
const table = (head: readonly string[], rows: readonly string[]) =>
  [row(...head), row(...head.map(() => '---')), ...rows].join('\n')

function typeOf(schema: JsonSchema): string {
  if (schema.title !== undefined) return schema.title
  if (schema.enum !== undefined) return schema.enum.map(String).join(', ')
  if (schema.const !== undefined) return String(schema.const)
  if (schema.anyOf !== undefined) return (schema.anyOf as JsonSchema[]).map(typeOf).join(' or ')
  if (schema.type === 'array') return `list of ${typeOf((schema.items ?? {}) as JsonSchema)}`
  if (schema.type === 'object') return 'map'
  return (
    { string: 'text', boolean: 'true or false', integer: 'whole number', number: 'number' }[String(schema.type)] ??
    'any'
  )
}

/** The map that an option is, that a list consists of, or that is one of several forms; what has a title is no map. */
function mapIn(option: JsonSchema): JsonSchema {
  if (option.title !== undefined) return {}
  if (option.type === 'array') return mapIn((option.items ?? {}) as JsonSchema)
  return ((option.anyOf ?? []) as JsonSchema[]).find(form => form.type === 'object') ?? option
}

/** Rows for the options of a section and, below each map, those inside of it; below names, those that the section lacks. */
function optionRows(schema: JsonSchema, prefix = '', section = schema): string[] {
  const required = new Set(schema.required)
  const known = (section.properties ?? {}) as Record<string, JsonSchema>
  return Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).flatMap(([name, option]) => {
    const fallback = option.default === undefined ? '' : `\`${JSON.stringify(option.default)}\``
    const shown = required.has(name) ? 'required' : fallback
    const inner = mapIn(option)
    const isRefused = option.not !== undefined
    const isKnown = section !== schema && isDeepStrictEqual(option, known[name])
    if (isRefused || isKnown) return []
    const own = row(`\`${prefix}${name}\``, typeOf(option), shown, option.description ?? '')
    const members = optionRows(inner, `${prefix}${name}.`)
    const values = inner.additionalProperties
    return [
      own,
      ...members,
      ...(typeof values === 'object' ? optionRows(mapIn(values), `${prefix}${name}.NAME.`, section) : []),
    ]
  })
}

const optionTable = (schema: JsonSchema) => table(['option', 'type', 'default', ''], optionRows(schema))

const metricTable = (metrics: readonly MetricDef[]) =>
  table(
    ['metric', 'labels', ''],
    metrics.map(({ name, labels, help }) => row(`\`${name}\``, labels.map(label => `\`${label}\``).join(' '), help)),
  )

const folded = (title: string, ...tables: readonly string[]) =>
  [`<details><summary>${title.replaceAll(/`(.*)`/g, '<code>$1</code>')}</summary>`, ...tables, '</details>'].join(
    '\n\n',
  )

function reference(): string {
  const sections = definitions.map(definition => {
    const title = `\`${definition.name}\``
    if ('planned' in definition) return `${title}: known and checked, but refused when used; ${definition.planned}.`
    return folded(title, optionTable(toJsonSchema(definition.options)), metricTable(definition.metrics))
  })
  const common = folded(
    'Every module',
    optionTable(toJsonSchema(z.strictObject(moduleOptions))),
    metricTable(commonMetrics),
  )
  return [common, ...sections].join('\n\n')
}

/** Puts generated text between its two marks. */
function fill(document: string, mark: string, text: string): string {
  const pattern = new RegExp(`(<!-- ${mark} -->\n)[\\s\\S]*?(<!-- /${mark} -->)`)
  if (!pattern.test(document)) throw new Error(`the mark ${mark} is missing`)
  return document.replace(pattern, (_all, start: string, end: string) => `${start}\n${text}\n\n${end}`)
}

const read = (path: string) => {
  try {
    return readFileSync(new URL(path, root), 'utf8')
  } catch {
    return ''
  }
}

const schema = {
  ...toJsonSchema(modulesSchema(definitions).file, 'ref'),
  title: 'sonde modules file',
}

const files: Readonly<Record<string, string>> = {
  'src/config/modules.schema.json': `${JSON.stringify(schema, null, 1)}\n`,
  'man/sonde.1': manPage(commands, version),
  'README.md': fill(read('README.md'), 'reference', reference()),
}

const isCheck = process.argv.includes('--check')
for (const [path, text] of Object.entries(files)) {
  if (read(path) === text) continue
  if (isCheck) {
    process.stderr.write(`${path} is stale: run npm run generate\n`)
    process.exitCode = 1
  } else {
    writeFileSync(new URL(path, root), text)
    process.stdout.write(`wrote ${path}\n`)
  }
}
