import { text, z } from '../../../kit/options.ts'

/** What a template says in place of a value. */
export type Slot =
  | { readonly kind: 'param'; readonly name: string }
  | { readonly kind: 'extracted'; readonly request: string; readonly name: string }
  | { readonly kind: 'host' }

/** Text with `{{…}}` in it, taken apart. */
export interface Template {
  readonly source: string
  readonly parts: readonly (string | Slot)[]
  toJSON(): string
}

/** Gives the value of a slot. */
export type Values = (slot: Slot) => string

const forms = 'expected {{param.NAME}}, {{REQUEST.NAME}}, {{target.host}}, or {{"{{"}} for two braces'

function partOf(inside: string): string | Slot {
  if (inside === '"{{"') return '{{'
  const dot = inside.lastIndexOf('.')
  const [owner, name] = [inside.slice(0, dot), inside.slice(dot + 1)]
  if (dot < 1 || name === '') throw new Error(`{{${inside}}}: ${forms}`)
  if (owner === 'param') return { kind: 'param', name }
  if (owner !== 'target') return { kind: 'extracted', request: owner, name }
  if (name === 'host') return { kind: 'host' }
  throw new Error(`{{${inside}}}: of the target there is only {{target.host}}`)
}

/** Takes a template apart. Throws an Error that says what is wrong with it. */
export function parseTemplate(source: string): Template {
  const parts: (string | Slot)[] = []
  let rest = source
  for (let begin = rest.indexOf('{{'); begin !== -1; begin = rest.indexOf('{{')) {
    const end = rest.indexOf('}}', begin)
    if (end === -1) throw new Error(`{{ without }}: ${forms}`)
    if (begin > 0) parts.push(rest.slice(0, begin))
    parts.push(partOf(rest.slice(begin + 2, end).trim()))
    rest = rest.slice(end + 2)
  }
  if (rest !== '') parts.push(rest)
  return { source, parts, toJSON: () => source }
}

/** Text in which `{{…}}` stands for values. */
export const template = () =>
  text()
    .transform((source, issues): Template => {
      try {
        return parseTemplate(source)
      } catch (error) {
        issues.addIssue({ code: 'custom', message: (error as Error).message })
        return z.NEVER
      }
    })
    .meta({ title: 'template' })

/** The slots of a template. */
export const slotsOf = ({ parts }: Template): readonly Slot[] => parts.filter(part => typeof part !== 'string')

const asItIs = (value: string) => value

/** Puts values in place of the slots, each made to suit its place by `suit`. */
export const fill = ({ parts }: Template, values: Values, suit = asItIs): string =>
  parts.map(part => (typeof part === 'string' ? part : suit(values(part)))).join('')
