import type { ProbeLog } from '../../../kit/prober.ts'
import type { Answer, DocumentResult } from '../extract/answer.ts'
import type { Outcome } from '../extract/merge.ts'

const orNone = (texts: readonly string[]) => (texts.length === 0 ? 'none' : texts.join(', '))

/** What was extracted goes into other requests, as passwords do: its length has to do. */
const extractedText = ({ extracted }: DocumentResult) =>
  orNone(Object.entries(extracted).map(([name, value]) => `${name} (${value.length} characters)`))

const verdict = (passed: boolean, message: string) => (passed ? 'passed' : message)

/** Tells what was made of an answer. The octets may be gone by now. */
export function logRead(log: ProbeLog, { format, meta }: Answer, result: DocumentResult): void {
  const { fault, entries, checks } = result
  for (const { name, severity, passed, message } of checks) {
    if (name !== undefined) log.debug('checked', { check: name, severity, verdict: verdict(passed, message) })
  }
  log.debug('read the answer', {
    format,
    bytes: meta.sizeBytes,
    verdict: fault === undefined ? 'accepted' : `${fault.reason}: ${fault.message}`,
    extracted: () => extractedText(result),
    series: entries.reduce((sum, { rows }) => sum + rows.length, 0),
  })
}

function countsByName({ samples }: Outcome): string {
  const counts = new Map<string, number>()
  for (const { def } of samples) counts.set(def.name, (counts.get(def.name) ?? 0) + 1)
  return orNone([...counts].map(([name, count]) => `${name} ${count}`))
}

/** Tells what all answers together came to. */
export function logOutcome(log: ProbeLog, outcome: Outcome): void {
  log.debug('made series', {
    metrics: () => countsByName(outcome),
    missing_or_cut: () => orNone(outcome.errors.map(({ metric, reason, count }) => `${metric} ${reason} ${count}`)),
  })
  for (const failure of outcome.failures) log.info('a check failed', { verdict: failure })
}
