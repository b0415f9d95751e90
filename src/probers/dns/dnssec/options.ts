import { bool, dumps, positiveDuration, text, z } from '../../../kit/options.ts'
import { nameText } from '../wire/name.ts'
import { type Anchor, parseAnchor } from './anchor.ts'
import { isWithin, lowerName } from './names.ts'

/** An anchor, and how the configuration writes it. */
interface WrittenAnchor {
  readonly text: string
  readonly anchor: Anchor
}

const anchor = () =>
  text()
    .transform((value, issues): WrittenAnchor => {
      try {
        return { text: value, anchor: parseAnchor(value) }
      } catch (error) {
        issues.addIssue({ code: 'custom', message: (error as Error).message })
        return z.NEVER
      }
    })
    .register(dumps, { dump: ({ text }: WrittenAnchor) => text })

const schema = z.strictObject({
  require_ad: bool()
    .default(false)
    .describe('Fail unless the answer has the AD flag, by which a validating resolver says that it is authentic.'),
  validate: z
    .enum(['none', 'signature', 'anchor'])
    .default('none')
    .describe(
      'What to check in sonde itself: none; signature: the answer against the keys that the zone has now; anchor: these keys, too, against anchors.',
    ),
  anchors: z
    .array(anchor())
    .default([])
    .describe(
      'DS or DNSKEY records in master-file form, of the zone or of one above it, for `validate: anchor`; from above, DS records lead down.',
    ),
  min_signature_lifetime: positiveDuration()
    .optional()
    .describe('Fail when a signature of the answer, or of the keys that were asked for, ends sooner than this.'),
})

export const dnssec = () =>
  schema
    .optional()
    .describe('Checks of DNSSEC. With validate or min_signature_lifetime the answer has RRSIG records, too.')

export type DnssecConfig = z.output<typeof schema>

interface Section {
  readonly dnssec?: DnssecConfig | undefined
  readonly edns: unknown
}

/** Whether the server must send signatures. */
export const needsSignatures = (config: DnssecConfig | undefined): boolean =>
  config !== undefined && (config.validate !== 'none' || config.min_signature_lifetime !== undefined)

/** Options that contradict each other, or have no effect without another. */
export function checkDnssec({ dnssec, edns }: Section, issues: z.RefinementCtx): void {
  if (dnssec === undefined) return
  const refuse = (key: keyof DnssecConfig, message: string) =>
    issues.addIssue({ code: 'custom', path: ['dnssec', key], message })
  const { validate, anchors, min_signature_lifetime: lifetime } = dnssec
  if (validate === 'anchor' && anchors.length === 0) {
    const message = 'missing: `validate: anchor` needs them'
    // Not `custom`: the loader looks for such issues also with the faulty keys taken out.
    issues.addIssue({
      code: 'too_small',
      path: ['dnssec', 'anchors'],
      origin: 'array',
      minimum: 1,
      input: anchors,
      message,
    })
  }
  if (validate !== 'anchor' && anchors.length > 0) refuse('anchors', 'anchors need `validate: anchor`')
  if (edns !== false || !needsSignatures(dnssec)) return
  refuse(lifetime === undefined ? 'validate' : 'min_signature_lifetime', 'there are no signatures without edns')
}

/** What an operator should know about the section at load. */
export function dnssecWarnings(dnssec: DnssecConfig | undefined, queryName: Buffer | undefined): readonly string[] {
  if (dnssec?.validate !== 'anchor' || queryName === undefined) return []
  const name = lowerName(queryName)
  if (dnssec.anchors.some(({ anchor }) => isWithin(name, anchor.zone))) return []
  return [`dnssec.anchors has none for ${nameText(name)}, so no answer can be secure`]
}
