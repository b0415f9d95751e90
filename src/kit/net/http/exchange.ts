import { resolve } from '../address.ts'
import { familyOfSource } from '../connect-options.ts'
import { createPhases } from '../phases.ts'
import { destinationOf } from '../target.ts'
import { readBody } from './body.ts'
import type { Connection } from './connection.ts'
import { type HttpJob, prepareJob, type Transport } from './job.ts'
import type { Discretion } from './log.ts'
import type { HttpResponse } from './message.ts'
import { leavesNameToProxy } from './place.ts'
import { tooManyRedirects } from './redirects.ts'
import { type HttpContext, runJob } from './run-job.ts'

/** An answer with its whole body. */
export interface Exchanged extends Pick<HttpResponse, 'status' | 'headers'> {
  readonly body: Buffer
}

interface ExchangeRules {
  /** A body with more octets is too large. */
  readonly limitBytes: number
  /** What the log may show, where the job's options alone do not tell what is secret. */
  readonly discretion?: Discretion
}

const ignore = () => undefined

/**
 * One request from the name to the whole body, for those who want the answer and not its phases; what the answer says
 * is for the caller to judge. Throws what `resolve`, `prepareJob`, `runJob` and `readBody` throw.
 */
export async function exchange(
  job: HttpJob,
  transport: Transport,
  ctx: HttpContext,
  { limitBytes, ...shown }: ExchangeRules,
): Promise<Exchanged> {
  const { url } = job
  const destination = destinationOf(url, job.path)
  const address = leavesNameToProxy(url, destination, transport, ctx)
    ? undefined
    : await resolve(destination, transport, ctx, familyOfSource(transport))
  const prepared = await prepareJob(job, transport, ctx.signal)
  let open: Connection | undefined
  const opened = (connection: Connection) => {
    open = connection
  }
  const events = { phases: createPhases(ignore), opened, connected: ignore, refused: ignore, redirected: ignore }
  try {
    const { response, isBeyondLimit } = await runJob({ ...prepared, ...shown }, address, events, ctx)
    if (isBeyondLimit) throw tooManyRedirects()
    const rules = { coding: 'identity', limitBytes, keep: true, counted: ignore } as const
    const body = await readBody(response, rules, ctx.signal)
    return { status: response.status, headers: response.headers, body }
  } finally {
    open?.destroy()
  }
}
