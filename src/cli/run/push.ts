import { push } from '../../engine/push.ts'
import { UsageError } from '../command.ts'
import { mergeFamilies } from '../formats/prom.ts'
import type { Outcome, Report } from './task.ts'

/** The URL of `--push-gateway`. Throws `UsageError`. */
export function gatewayUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
  throw new UsageError('malformed --push-gateway: expected a URL such as http://localhost:9091')
}

/**
 * Replaces what the gateway holds of each target: a group for each, by `job` and `instance`, and inside of it the other
 * labels of the task. What the gateway has of a target that was not probed to the end stays. Throws when the gateway does
 * not take it, or with the signal's reason.
 */
export async function pushReport(url: string, job: string, report: Report, signal: AbortSignal): Promise<void> {
  const unfinished = new Set(report.skipped.map(({ target }) => target))
  const groups = new Map<string, Outcome[]>()
  for (const outcome of report.outcomes) groups.set(outcome.target, [...(groups.get(outcome.target) ?? []), outcome])
  for (const [instance, group] of groups) {
    const families = mergeFamilies(group, ({ task: { labels } }) => {
      const { instance: _inGroup, ...others } = labels
      return others
    })
    if (families.length > 0 && !unfinished.has(instance)) await push({ url, job, instance }, families, signal)
  }
}
