import type { DocumentResult } from '../extract/answer.ts'
import type { Failure } from './failed.ts'
import { type PlannedRequest, slotsOfRequest } from './plan.ts'
import { StatusFailure } from './send.ts'

/** What became of a request. */
export interface Ended {
  readonly failure: Failure | undefined
  /** What was made of its answer; undefined without one that was read. */
  readonly result: DocumentResult | undefined
  /** It was kept from an earlier probe. */
  readonly isOld: boolean
}

/** A request that another one needs, with the promise it came from: a later one may take its place. */
interface Needed {
  readonly planned: PlannedRequest
  readonly promise: Promise<Ended>
  readonly ended: Ended
}

export type Needs = readonly Needed[]

/** What was extracted from the answer to a request; undefined when nothing was found. */
export function extractedFrom(needs: Needs, request: string, name: string): string | undefined {
  const extracted = needs.find(({ planned }) => planned.id === request)?.ended.result?.extracted ?? {}
  return Object.hasOwn(extracted, name) ? extracted[name] : undefined
}

/** Whether the target refused what a request was made with. */
export const isRefusal = (failure: Failure | undefined): boolean =>
  failure?.cause instanceof StatusFailure && [401, 403].includes(failure.cause.status)

/** Why a request cannot be made with what others gave; undefined when it can. */
export function lackIn(planned: PlannedRequest, needs: Needs): Failure | undefined {
  for (const { planned: need, ended } of needs) {
    const { failure } = ended
    if (failure !== undefined) return { ...failure, message: `needs ${need.id}: ${failure.message}` }
  }
  for (const slot of slotsOfRequest(planned)) {
    if (slot.kind !== 'extracted') continue
    if (extractedFrom(needs, slot.request, slot.name) !== undefined) continue
    return { reason: 'check', message: `needs ${slot.request}, where nothing was found for ${slot.name}` }
  }
  return undefined
}
