import { bool, type z } from '../options.ts'
import { queryResponse } from '../query-response.ts'
import { tlsConfig } from './tls/options.ts'

/** What blackbox_exporter's tcp and unix sections have in common; spread it into a schema. */
export const streamOptions = {
  query_response: queryResponse(),
  tls: bool().default(false).describe('Speak TLS from the start.'),
  tls_config: tlsConfig().optional().describe('TLS towards the target.'),
}

/** TLS can start only once. */
export function checkStream(
  { tls, query_response }: z.output<z.ZodObject<typeof streamOptions>>,
  issues: z.RefinementCtx,
): void {
  const again = query_response.findIndex(({ starttls }) => starttls)
  if (!tls || again === -1) return
  issues.addIssue({ code: 'custom', path: ['query_response', again, 'starttls'], message: 'excludes tls: true' })
}
