import { missingFiles } from '../../kit/net/files.ts'
import { authWarnings } from '../../kit/net/http/auth-options.ts'
import { headerWarnings } from '../../kit/net/http/header-options.ts'
import { filesNamedBy } from '../../kit/net/http/headers.ts'
import { statusWarnings } from '../../kit/net/http/request-options.ts'
import { oauth2Warnings } from '../../kit/net/oauth2/options.ts'
import { proxyWarnings } from '../../kit/net/proxy/options.ts'
import { tlsWarnings } from '../../kit/net/tls/context.ts'
import { metricWarnings } from './options/metric-rules.ts'
import type { ApiOptions } from './options/options.ts'
import { type PlannedRequest, planOf } from './request/plan.ts'

function requestWarnings(planned: PlannedRequest): readonly string[] {
  const { client, headers, validStatus } = planned
  const names = Object.fromEntries(headers.map(([name]) => [name, '']))
  return [
    ...statusWarnings(validStatus),
    ...headerWarnings(names),
    ...[
      ...authWarnings(client, names),
      ...missingFiles(filesNamedBy(client)),
      ...tlsWarnings(client.tls_config),
      ...proxyWarnings(client),
      ...oauth2Warnings(client.oauth2),
    ].map(warning => (warning.startsWith('headers.') ? warning : `http_client_config.${warning}`)),
  ]
}

/** What an operator should know about these options at load; what several requests share is said once. */
export const warnings = (options: ApiOptions): readonly string[] => [
  ...new Set([...planOf(options.written).flatMap(requestWarnings), ...metricWarnings(options.extraction.families)]),
]
