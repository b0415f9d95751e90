import type { MetricSink } from '../../../kit/metrics.ts'
import type { Check, Verdict } from './check.ts'
import { type Comparison, compareRecords, outcomes } from './compare.ts'
import { recordOutcome, recordValidation, recordValidations } from './metrics.ts'
import { selectRecords } from './select.ts'

type Counts = Comparison['counts']

const none: Counts = { match: 0, missing: 0, unexpected: 0, ttl_out_of_bounds: 0, malformed: 0 }

/** Sets how many records came to what; before they are counted, none did. */
export function setOutcomes(metrics: MetricSink, counts: Counts = none): void {
  for (const outcome of outcomes) metrics.set(recordOutcome, counts[outcome], { outcome })
  metrics.set(recordValidation, counts.match, { status: 'valid' })
  metrics.set(recordValidation, invalidOf(counts), { status: 'invalid' })
}

const invalidOf = (counts: Counts): number =>
  counts.missing + counts.unexpected + counts.ttl_out_of_bounds + counts.malformed

/** `expect`: its records, their number and their TTLs. */
export const expectation: Check = async ({ ctx, request, asked: { reply }, breathe }) => {
  const { config, queryName, queryType } = request
  const { expect } = config
  if (expect === undefined) return []
  const wanted = {
    section: expect.section,
    name: queryName.name,
    type: expect.type ?? queryType,
    class: config.query_class,
    followsAliases: expect.follow_cname,
  }
  const selection = await selectRecords(reply.message, wanted, breathe)
  const comparison = await compareRecords(selection, expect, breathe)
  const { counts } = comparison
  setOutcomes(ctx.metrics, counts)
  ctx.counters.add(recordValidations, counts.match, { status: 'valid' })
  ctx.counters.add(recordValidations, invalidOf(counts), { status: 'invalid' })
  ctx.log.debug('held the records against what is expected', { records: selection.what, ...counts })
  return (['records', 'count', 'ttl'] as const).flatMap((check): readonly Verdict[] =>
    expect[check] === undefined ? [] : [{ check, fault: comparison[check] }],
  )
}
