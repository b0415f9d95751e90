import { defineProber } from '../../kit/prober.ts'
import { credentials } from './credentials.ts'
import { metrics } from './metrics.ts'
import { options } from './options/options.ts'
import { probe } from './probe.ts'
import { accept } from './target.ts'
import { warnings } from './warnings.ts'
import { withAuth } from './with-auth.ts'

/** Makes metrics and verdicts of what an HTTP API, or a local status file, says. */
export const api = defineProber({
  name: 'api',
  options,
  metrics,
  metricsOf: ({ extraction }) => extraction.families,
  params: ({ written }) => Object.keys(written.params),
  warnings,
  credentials,
  withAuth,
  accept: (request, { written }, policy) => accept(request, written, policy),
  probe,
})
