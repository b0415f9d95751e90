import { bool, dumps, text, z } from '../../options.ts'
import { parseRule, type Rule } from './rule.ts'

const rule = () =>
  text()
    .transform((value, issues): Rule => {
      try {
        return parseRule(value)
      } catch (error) {
        issues.addIssue({ code: 'custom', message: (error as Error).message })
        return z.NEVER
      }
    })
    .meta({ title: 'rule' })
    .register(dumps, { dump: ({ text }: Rule) => text })

/** The section `targets` of a module or a file. */
export const targets = z
  .strictObject({
    allow: z
      .array(rule())
      .min(1)
      .optional()
      .describe(
        'Targets that may be probed: hosts, *.example.com, addresses, networks, each with or without a port, URL prefixes, or ~ and a pattern. Absent: all that are not denied.',
      ),
    deny: z.array(rule()).default([]).describe('Targets that may not be probed; it overrules allow.'),
    allow_private: bool()
      .default(true)
      .describe('Without it, private, loopback and other special addresses are denied unless allow names them.'),
  })
  .describe('Which targets may be probed; in place of those of the file. Metadata addresses are denied unless named.')
