import { secretElsewhere, z } from '../../../kit/options.ts'
import { Secret } from '../../../kit/secret.ts'
import { parseTemplate, type Slot, slotsOf, type Template, template } from './template.ts'

/** What a place in a request gets: text with templates, or a value that is hidden. */
export type Given = Template | Secret

/** Text with templates, or `{file: PATH}` or `{env: NAME}`, which are hidden. */
export const given = () => z.union([template(), secretElsewhere()])

/** JSON whose texts are templates. */
export type JsonBody = Given | number | boolean | null | readonly JsonBody[] | { readonly [key: string]: JsonBody }

const isHidden = (value: object) => /^(file|env)$/.test(Object.keys(value).join())

function compileJson(value: unknown, path: readonly (string | number)[], issues: z.RefinementCtx): JsonBody {
  const refuse = (message: string) => {
    issues.addIssue({ code: 'custom', path: [...path], message })
    return null
  }
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : refuse('expected a value that JSON can hold')
  if (typeof value === 'string') {
    try {
      return parseTemplate(value)
    } catch (error) {
      return refuse((error as Error).message)
    }
  }
  if (typeof value !== 'object' || value instanceof Uint8Array) return refuse('expected a value that JSON can hold')
  if (Array.isArray(value)) return value.map((item, index) => compileJson(item, [...path, index], issues))
  if (isHidden(value)) {
    const { data, error } = secretElsewhere().safeParse(value)
    return data ?? refuse(error?.issues[0]?.message ?? 'expected either file or env')
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, compileJson(member, [...path, key], issues)]),
  )
}

/** A body as JSON; a map of just `file` or `env` stands for a hidden text. */
export const jsonBody = () =>
  z
    .unknown()
    .transform((value, issues): JsonBody => compileJson(value, [], issues))
    .meta({ title: 'JSON' })

export const isTemplate = (value: object): value is Template => 'parts' in value && 'toJSON' in value

/** Everything in JSON that is a template or hidden. */
export function leavesOf(body: JsonBody): readonly Given[] {
  if (typeof body !== 'object' || body === null) return []
  if (body instanceof Secret || isTemplate(body)) return [body]
  return Object.values(body).flatMap(leavesOf)
}

/** The slots of what is given. */
export const slotsOfGiven = (value: Given): readonly Slot[] => (value instanceof Secret ? [] : slotsOf(value))
