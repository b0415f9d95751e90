import { missingFiles } from '../../kit/net/files.ts'
import { authWarnings } from '../../kit/net/http/auth-options.ts'
import { headerWarnings } from '../../kit/net/http/header-options.ts'
import { filesNamedBy } from '../../kit/net/http/headers.ts'
import { statusWarnings } from '../../kit/net/http/request-options.ts'
import { oauth2Warnings } from '../../kit/net/oauth2/options.ts'
import { proxyWarnings } from '../../kit/net/proxy/options.ts'
import { tlsWarnings } from '../../kit/net/tls/context.ts'
import { Secret } from '../../kit/secret.ts'
import { metricWarnings } from './options/metric-rules.ts'
import type { ApiOptions } from './options/options.ts'
import { type Given, leavesOf } from './request/given.ts'
import { type PlannedRequest, planOf } from './request/plan.ts'

const bodyValues = ({ body }: PlannedRequest): readonly Given[] => {
  if (body === undefined) return []
  if (body.kind === 'text') return [body.value]
  return body.kind === 'json' ? leavesOf(body.value) : body.fields.map(([, value]) => value)
}

/** The files of hidden values in a request. */
function hiddenFiles(planned: PlannedRequest): Readonly<Record<string, string>> {
  const fields = (option: string, entries: PlannedRequest['query']) =>
    entries.map(([name, value]) => [`${option}.${name}`, value] as const)
  const values = [
    ...fields('query', planned.query),
    ...fields('headers', planned.headers),
    ...bodyValues(planned).map(value => ['body', value] as const),
  ]
  return Object.fromEntries(
    values.flatMap(([option, value]) =>
      value instanceof Secret && value.file !== undefined ? [[option, value.file]] : [],
    ),
  )
}

function requestWarnings(planned: PlannedRequest): readonly string[] {
  const { client, headers, validStatus } = planned
  const names = Object.fromEntries(headers.map(([name]) => [name, '']))
  return [
    ...statusWarnings(validStatus),
    ...headerWarnings(names),
    ...missingFiles(hiddenFiles(planned)),
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
