import { credentialsOf } from '../../kit/net/http/credentials.ts'
import { Secret } from '../../kit/secret.ts'
import type { ApiOptions } from './options/options.ts'
import { leavesOf } from './request/given.ts'
import { type Field, type PlannedRequest, planOf } from './request/plan.ts'

const ofHeaders = ([name, value]: Field) => value instanceof Secret || /^(?:authorization|cookie)$/i.test(name)

function hasSecretBody({ body }: PlannedRequest): boolean {
  if (body === undefined) return false
  if (body.kind === 'form') return body.fields.some(([, value]) => value instanceof Secret)
  return body.kind === 'json'
    ? leavesOf(body.value).some(value => value instanceof Secret)
    : body.value instanceof Secret
}

const ofRequest = (planned: PlannedRequest): readonly string[] => [
  ...credentialsOf(planned.client),
  ...planned.headers.filter(ofHeaders).map(([name]) => `headers.${name}`),
  ...planned.query.filter(([, value]) => value instanceof Secret).map(([name]) => `query.${name}`),
  ...(hasSecretBody(planned) ? ['body'] : []),
]

/** The options by which requests carry credentials. */
export const credentials = ({ written }: ApiOptions): readonly string[] => [
  ...new Set(planOf(written).flatMap(ofRequest)),
]
