import { checkSource } from '../../../kit/net/connect-options.ts'
import { dumps, type z } from '../../../kit/options.ts'
import type { Report } from '../extract/compiler.ts'
import { type Extraction, planExtraction, requestNames } from '../extract/plan.ts'
import { checkRequests } from '../request/check.ts'
import { checkChecks } from './check-rules.ts'
import { checkMetrics } from './metric-rules.ts'
import { type Section, section } from './section.ts'

/** The section as it is written, and what was made of it at load. */
export interface ApiOptions {
  readonly written: Section
  readonly extraction: Extraction
}

function bind(written: Section, issues: z.RefinementCtx): ApiOptions {
  const report: Report = (path, message) => issues.addIssue({ code: 'custom', path: [...path], message })
  const names = requestNames(written)
  checkSource(written, issues)
  checkRequests(written, issues)
  for (const [name, { from }] of Object.entries(written.lookups)) {
    if (!names.includes(from)) report(['lookups', name, 'from'], `there is no such entry under requests: ${from}`)
  }
  checkMetrics(written, names, report)
  checkChecks(written, names, report)
  return { written, extraction: planExtraction(written, report) }
}

export const options = section.transform(bind).register(dumps, { written: ({ written }: ApiOptions) => written })
