import type { IncomingMessage } from 'node:http'
import { Pushgateway, type Registry } from 'prom-client'
import { render } from './exposition.ts'
import type { Family } from './probe-metrics.ts'

const pushTimeoutMs = 10_000

/**
 * Replaces the group `job` and `instance` of the Pushgateway at `url` by these families, without the times of their
 * samples, which it does not take. User and password may stand in the URL. Throws when it cannot be reached or refuses.
 */
export async function push(url: string, job: string, instance: string, families: readonly Family[]): Promise<void> {
  const untimed = families.map(family => ({
    ...family,
    samples: family.samples.map(({ labels, value }) => ({ labels, value })),
  }))
  const registry = { metrics: () => render(untimed) } as unknown as Registry
  const gateway = new Pushgateway(
    url.replace(/\/+$/, ''),
    { timeout: pushTimeoutMs, signal: AbortSignal.timeout(pushTimeoutMs) },
    registry,
  )
  // A slash in the path of a group has to be in base64, also as %2F.
  const groupings = { 'instance@base64': Buffer.from(instance).toString('base64url') }
  const { resp } = await gateway.push({ jobName: job, groupings })
  const { statusCode = 0 } = resp as IncomingMessage
  if (statusCode >= 300) throw new Error(`push failed with status ${statusCode}`) // a redirect, which it takes for success
}
