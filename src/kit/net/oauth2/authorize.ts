import { type PreparedJob, withAuthorization } from '../http/job.ts'
import type { HttpContext } from '../http/run-job.ts'
import { authorizationByOauth2 } from './token.ts'

/**
 * The job with the token that its section `oauth2` asks for, if it has one; when the target refuses the token, it is
 * asked for anew. Throws what `authorizationByOauth2` throws.
 */
export async function authorized(job: PreparedJob, ctx: HttpContext): Promise<PreparedJob> {
  const { oauth2 } = job.transport
  if (oauth2 === undefined) return job
  return {
    ...withAuthorization(job, await authorizationByOauth2(oauth2, ctx)),
    renew: rejected => authorizationByOauth2(oauth2, ctx, rejected),
  }
}
