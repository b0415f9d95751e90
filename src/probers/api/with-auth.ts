import { type HttpAuth, replaceAuth } from '../../kit/net/http/auth-options.ts'
import type { ApiOptions } from './options/options.ts'
import type { Section } from './options/section.ts'
import { usualClient } from './request/plan.ts'

type Transport = Pick<Section, 'headers'>

/** Without a header Authorization: that, too, is credentials. */
const withoutOwn = <T extends Transport>(options: T): T => {
  if (options.headers === undefined) return options
  const headers = Object.entries(options.headers).filter(([name]) => !/^authorization$/i.test(name))
  return { ...options, headers: Object.fromEntries(headers) }
}

/** The options with these credentials in place of their own, those of single requests among them. */
export function withAuth({ written, extraction }: ApiOptions, auth: HttpAuth): ApiOptions {
  const requests = Object.entries(written.requests ?? {}).map(([id, request]) => {
    const client = request.http_client_config
    return [
      id,
      withoutOwn(client === undefined ? request : { ...request, http_client_config: replaceAuth(client, auth) }),
    ]
  })
  return {
    written: {
      ...withoutOwn(written),
      http_client_config: replaceAuth(written.http_client_config ?? usualClient, auth),
      ...(written.requests !== undefined && { requests: Object.fromEntries(requests) }),
    },
    extraction,
  }
}
