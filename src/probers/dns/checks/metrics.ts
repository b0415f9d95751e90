import { counter, gauge } from '../../../kit/metrics.ts'

const statuses = ['valid', 'invalid'] as const

export const checkPassed = gauge('probe_dns_check', 'Whether a check passed; there for each that could be judged.', [
  'check',
])
export const recordValidation = gauge(
  'probe_dns_record_validation',
  'Records of this probe held against `expect`: those that it allows, and everything else.',
  ['status'],
)
export const recordOutcome = gauge('probe_dns_record_outcome', 'The same in detail: all but match are invalid.', [
  'outcome',
])

export const checkMetrics = [checkPassed, recordValidation, recordOutcome]

export const recordValidations = counter(
  'dns_record_validation_total',
  'Records held against `expect` in all probes of a module.',
  { status: statuses },
)
