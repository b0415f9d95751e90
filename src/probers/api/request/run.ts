import { isOverload } from '../../../kit/classify.ts'
import { Denied } from '../../../kit/failure.ts'
import { createLimiter } from '../../../kit/limiter.ts'
import { type ResolvedAddress, resolve } from '../../../kit/net/address.ts'
import { familyOfSource } from '../../../kit/net/connect-options.ts'
import type { ProbeContext, ProbeLog } from '../../../kit/prober.ts'
import type { DocumentResult } from '../extract/answer.ts'
import { readDocument } from '../extract/read-document.ts'
import type { ApiOptions } from '../options/options.ts'
import { type ApiRequest, valuesOf } from '../target.ts'
import { ask } from './ask.ts'
import { asFailure } from './failed.ts'
import { forget, keptOr } from './kept.ts'
import { logRead } from './log.ts'
import { type Ended, extractedFrom, isRefusal, lackIn, type Needs } from './needs.ts'
import { type PlannedRequest, planOf } from './plan.ts'
import type { SendEvents } from './send.ts'

/** What a run of requests works with. */
export interface RunParts {
  readonly ctx: ProbeContext
  readonly request: ApiRequest
  readonly options: ApiOptions
  readonly eventsOf: (id: string) => SendEvents
  /** Called when a request has ended, again when it was made anew. */
  readonly settled: (id: string, ended: Ended) => void
}

/** Requests of one probe that are under way at the same time. */
const maxAtOnce = 8

/** The log of one request: the lines of several mix. */
const logFor = (request: string, { debug, info, warn }: ProbeLog): ProbeLog => ({
  debug: (message, fields) => debug(message, { request, ...fields }),
  info: (message, fields) => info(message, { request, ...fields }),
  warn: (message, fields) => warn(message, { request, ...fields }),
})

/** The first that is not the target's fault; sonde being at its limit comes before a deadline. */
function rejectionIn(all: readonly PromiseSettledResult<unknown>[]): { readonly reason: unknown } | undefined {
  const rejected = all.filter(one => one.status === 'rejected')
  return rejected.find(({ reason }) => isOverload(reason)) ?? rejected[0]
}

/** The requests of one probe: at the same time, each as soon as what it needs is there. */
export class Run {
  /** Those that are being asked, or whose answer is being read. */
  readonly open = new Set<string>()
  readonly #parts: RunParts
  readonly #planned: ReadonlyMap<string, PlannedRequest>
  readonly #underWay = new Map<string, Promise<Ended>>()
  readonly #turns = createLimiter(maxAtOnce, Number.POSITIVE_INFINITY)
  #address: Promise<ResolvedAddress> | undefined

  constructor(parts: RunParts) {
    this.#parts = parts
    this.#planned = new Map(planOf(parts.options.written).map(planned => [planned.id, planned]))
  }

  /** Makes all requests. Throws what is not the target's fault, `Denied`, and the signal's reason. */
  async all(): Promise<void> {
    const all = [...this.#planned.values()].map(planned => this.#endOf(planned))
    const rejection = rejectionIn(await Promise.allSettled([this.#admission(), ...all]))
    if (rejection !== undefined) throw rejection.reason
  }

  /** Rejects when the policy refuses the target before anything goes there; other failures are those of requests. */
  async #admission(): Promise<void> {
    if (this.#parts.request.target.kind === 'file') return
    await this.#addressOf().catch(error => {
      if (error instanceof Denied) throw error
    })
  }

  /** The address of the target, looked up once for all of its requests: a session lives on one server. */
  #addressOf(): Promise<ResolvedAddress> {
    const { ctx, request, options } = this.#parts
    if (request.destination === undefined) throw new Error('a file has no address')
    const { written } = options
    this.#address ??= resolve(request.destination, written, ctx, familyOfSource(written))
    return this.#address
  }

  #endOf(planned: PlannedRequest): Promise<Ended> {
    return this.#underWay.get(planned.id) ?? this.#begin(planned, undefined)
  }

  #begin(planned: PlannedRequest, rejected: DocumentResult | undefined): Promise<Ended> {
    const promise = this.#attempt(planned, rejected).then(ended => {
      this.#parts.settled(planned.id, ended)
      return ended
    })
    promise.catch(() => undefined) // one that took the place of another is waited for by those who need it
    this.#underWay.set(planned.id, promise)
    return promise
  }

  async #needsOf({ needs }: PlannedRequest): Promise<Needs> {
    const wanted = needs.flatMap(id => this.#planned.get(id) ?? [])
    return Promise.all(
      wanted.map(async planned => {
        const promise = this.#endOf(planned)
        return { planned, promise, ended: await promise }
      }),
    )
  }

  /** Makes a request; once more when what it was made with had been kept and is no longer good. */
  async #attempt(planned: PlannedRequest, rejected: DocumentResult | undefined): Promise<Ended> {
    const needs = await this.#needsOf(planned)
    const first = await this.#try(planned, needs, rejected)
    if (!isRefusal(first.failure) || !this.#renew(needs)) return first
    this.#contextFor(planned).log.info('refused with what was kept, which is asked for anew')
    return this.#try(planned, await this.#needsOf(planned), rejected)
  }

  async #try(planned: PlannedRequest, needs: Needs, rejected: DocumentResult | undefined): Promise<Ended> {
    const failure = lackIn(planned, needs)
    if (failure !== undefined) return { failure, result: undefined, isOld: false }
    try {
      const { result, isOld } = await this.#makeOrKeep(planned, needs, rejected)
      return { failure: result.fault, result, isOld }
    } catch (error) {
      return { failure: asFailure(error, this.#parts.ctx.signal), result: undefined, isOld: false }
    }
  }

  /** Forgets what was kept and has been refused. Whether there is something to be had in its place. */
  #renew(needs: Needs): boolean {
    for (const { planned, promise, ended } of needs) {
      if (planned.cacheMs === undefined || ended.result === undefined) continue
      forget(this.#parts.options, this.#keyOf(planned), ended.result)
      if (ended.isOld && this.#underWay.get(planned.id) === promise) void this.#begin(planned, ended.result)
    }
    return needs.some(({ ended }) => ended.isOld)
  }

  #keyOf({ id }: PlannedRequest): string {
    return `${id} ${this.#parts.request.key}`
  }

  #contextFor({ id }: PlannedRequest): ProbeContext {
    const { ctx } = this.#parts
    return { ...ctx, log: logFor(id, ctx.log) }
  }

  async #makeOrKeep(planned: PlannedRequest, needs: Needs, rejected: DocumentResult | undefined) {
    const ctx = this.#contextFor(planned)
    const make = () => this.#make(planned, needs, ctx)
    const { cacheMs: ttlMs, extracts: names } = planned
    if (ttlMs === undefined) return { result: await make(), isOld: false }
    const owner = this.#parts.options
    const kept = await keptOr({ owner, key: this.#keyOf(planned), ttlMs, names, rejected }, make, ctx)
    if (kept.isOld) ctx.log.debug('using what an earlier probe was answered')
    return kept
  }

  async #make(planned: PlannedRequest, needs: Needs, ctx: ProbeContext): Promise<DocumentResult> {
    const { request, options, eventsOf } = this.#parts
    const { id } = planned
    const plan = options.extraction.documents.get(id)
    if (plan === undefined) throw new Error(`request ${id} has no plan`)
    const free = await this.#turn()
    this.open.add(id)
    try {
      const question = {
        planned,
        target: request.target,
        section: options.written,
        values: valuesOf(request, (owner, name) => extractedFrom(needs, owner, name) ?? ''),
        events: eventsOf(id),
        address: () => this.#addressOf(),
      }
      const answer = await ask(question, ctx)
      const result = await readDocument(plan, answer, ctx.signal)
      logRead(ctx.log, answer, result)
      return result
    } finally {
      this.open.delete(id)
      free()
    }
  }

  /** That a request got no turn is no sign that sonde is at its limit. */
  #turn(): Promise<() => void> {
    const { signal } = this.#parts.ctx
    return this.#turns.acquire(signal).catch(error => {
      signal.throwIfAborted()
      throw error
    })
  }
}
