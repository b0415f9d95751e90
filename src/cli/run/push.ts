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
 * labels of the task. Throws when the gateway does not take it.
 */
export async function pushReport(url: string, job: string, { outcomes }: Report): Promise<void> {
  const groups = new Map<string, Outcome[]>()
  for (const outcome of outcomes) groups.set(outcome.target, [...(groups.get(outcome.target) ?? []), outcome])
  for (const [instance, group] of groups) {
    const families = mergeFamilies(group, ({ task: { labels } }) => {
      const { instance: _inGroup, ...others } = labels
      return others
    })
    if (families.length > 0) await push(url, job, instance, families)
  }
}
