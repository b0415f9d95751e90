import { z } from '../../../kit/options.ts'
import { query, re2 } from './value.ts'

const levelMap = z
  .strictObject({
    path: query().optional().describe('Query for the items.'),
    key_regex: re2()
      .optional()
      .describe('RE2 pattern that the whole key of an item has to match; its named groups are names for `{name}`.'),
    regex: re2()
      .optional()
      .describe('For text: RE2 pattern whose matches are the items; its named groups are names for `{name}`.'),
  })
  .superRefine((level, issues) => {
    const refuse = (path: readonly string[], message: string) =>
      issues.addIssue({ code: 'custom', path: [...path], message })
    if (level.path === undefined && level.regex === undefined) return refuse([], 'expected path or regex')
    if (level.path !== undefined && level.regex !== undefined) refuse(['regex'], 'excludes path')
    if (level.key_regex !== undefined && level.path === undefined) refuse(['key_regex'], 'needs path')
  })

const level = () => z.union([query(), levelMap])

/** Things to make series of: those of one level, or of levels inside each other. */
export const items = () => z.union([query(), levelMap, z.array(level()).min(1)])

/** Parallel lists. */
export const zip = () =>
  z
    .record(
      z.string().refine(name => /^[a-zA-Z_]\w*$/.test(name), { error: 'expected a name of letters, digits and _' }),
      query(),
    )
    .refine(lists => Object.keys(lists).length > 0, { error: 'expected a list' })

export type Level = z.output<ReturnType<typeof level>>
export type Items = z.output<ReturnType<typeof items>>
