import type { IncomingMessage } from 'node:http'
import { Pushgateway, type Registry } from 'prom-client'
import { untilAborted, within } from '../kit/abort.ts'
import { formatDuration } from '../kit/duration.ts'
import { render } from './exposition.ts'
import type { Family } from './probe-metrics.ts'

const pushTimeoutMs = 10_000

/** Whose metrics, and where they go. */
export interface PushGroup {
  /** User and password may stand in it. */
  readonly url: string
  readonly job: string
  readonly instance: string
}

/**
 * Replaces a group of a Pushgateway by these families, without the times of their samples, which it does not take.
 * Throws when it cannot be reached or refuses, or with the signal's reason.
 */
export async function push(group: PushGroup, families: readonly Family[], signal: AbortSignal): Promise<void> {
  const untimed = families.map(family => ({
    ...family,
    samples: family.samples.map(({ labels, value }) => ({ labels, value })),
  }))
  const registry = { metrics: () => render(untimed) } as unknown as Registry
  const late = () => new Error(`no answer within ${formatDuration(pushTimeoutMs)}`)
  const { statusCode = 0 } = await within(pushTimeoutMs, signal, late, async inTime => {
    const gateway = new Pushgateway(group.url.replace(/\/+$/, ''), { signal: inTime }, registry)
    // A slash in the path of a group has to be in base64, also as %2F.
    const groupings = { 'instance@base64': Buffer.from(group.instance).toString('base64url') }
    const { resp } = await untilAborted(gateway.push({ jobName: group.job, groupings }), inTime)
    return resp as IncomingMessage
  })
  if (statusCode >= 300) throw new Error(`push failed with status ${statusCode}`) // a redirect, which it takes for success
}
