import { safeText } from '../../kit/text.ts'
import type { FailIf } from './fail-if.ts'
import type { FailoverState } from './formats/format.ts'
import { freeIn, type Use, usedRatio } from './pools/use.ts'

/** What the checks judge; what is not known is undefined, and no check judges it. */
export interface Findings {
  /** Unix seconds, as all instants here. */
  readonly nowSeconds: number
  readonly newestWrite: number | undefined
  readonly newestTransaction: number | undefined
  readonly overdue: number | undefined
  /** Abandoned or declined. */
  readonly unavailable: number
  readonly active: number
  /** What the pool checks judge by their scope. */
  readonly uses: readonly Use[] | undefined
  readonly failover: readonly FailoverState[]
}

export interface Verdict {
  readonly check: string
  /** What was found, when the check fails. */
  readonly fault: string | undefined
}

const round = (value: number, digits = 0): string => String(Number(value.toFixed(digits)))

const secondsOver = (limitMs: number, instant: number | undefined, nowSeconds: number, what: string) =>
  instant === undefined
    ? undefined
    : { isFailed: nowSeconds - instant > limitMs / 1000, found: `${what} ${round(nowSeconds - instant)} s ago` }

const over = (limit: number, count: number | undefined, what: string) =>
  count === undefined ? undefined : { isFailed: count > limit, found: `${count} ${what}` }

/** With both limits, a pool must have passed both: a share alone is noise in small pools, a number alone in big ones. */
function judgePools({ pool_used_ratio_over: ratio, pool_free_under: free }: FailIf, uses: Findings['uses']) {
  if (uses === undefined || uses.length === 0) return undefined
  const failed = uses.filter(
    use => (ratio === undefined || usedRatio(use) > ratio) && (free === undefined || freeIn(use) < free),
  )
  const [first] = failed
  const found =
    first &&
    `${failed.length} of ${uses.length} pools, the first ${safeText(first.name)}: ${round(usedRatio(first), 4)} used, ${freeIn(first)} free`
  return { isFailed: first !== undefined, found: found ?? '' }
}

function judgeFailover(allowed: readonly string[], states: readonly FailoverState[]) {
  const own = states.filter(({ role }) => role === 'my')
  const bad = own.find(({ state }) => !allowed.includes(state))
  return own.length === 0 ? undefined : { isFailed: bad !== undefined, found: `own state ${bad?.state}` }
}

/** Judges the checks that are configured and can be judged. */
export function judge(failIf: FailIf, found: Findings): readonly Verdict[] {
  const { file_age_over, no_transaction_for, overdue_leases_over, abandoned_over, active_under } = failIf
  const judged = {
    file_age_over:
      file_age_over !== undefined && secondsOver(file_age_over, found.newestWrite, found.nowSeconds, 'written'),
    no_transaction_for:
      no_transaction_for !== undefined &&
      secondsOver(no_transaction_for, found.newestTransaction, found.nowSeconds, 'the newest transaction'),
    overdue_leases_over: overdue_leases_over !== undefined && over(overdue_leases_over, found.overdue, 'overdue'),
    abandoned_over: abandoned_over !== undefined && over(abandoned_over, found.unavailable, 'abandoned or declined'),
    pool_usage:
      (failIf.pool_used_ratio_over !== undefined || failIf.pool_free_under !== undefined) &&
      judgePools(failIf, found.uses),
    active_under: active_under !== undefined && {
      isFailed: found.active < active_under,
      found: `${found.active} active`,
    },
    failover_state_not:
      failIf.failover_state_not !== undefined && judgeFailover(failIf.failover_state_not, found.failover),
  }
  return Object.entries(judged).flatMap(([check, verdict]) =>
    verdict ? [{ check, fault: verdict.isFailed ? verdict.found : undefined }] : [],
  )
}
