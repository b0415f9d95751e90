import { setTimeout as sleep } from 'node:timers/promises'
import { ProbeFailure } from '../../src/kit/failure.ts'
import { gauge } from '../../src/kit/metrics.ts'
import { positiveDuration, secret, text, z } from '../../src/kit/options.ts'
import { defineProber } from '../../src/kit/prober.ts'

const echoed = gauge('probe_echo_info', 'What was asked for; always 1.', ['text'])

/** Succeeds at once and tells its target. */
export const echo = defineProber({
  name: 'echo',
  options: z.strictObject({ allow: z.array(text()).default([]) }),
  metrics: [echoed],
  params: ({ allow }) => allow,
  accept: request => request,
  async probe(ctx, { target, params }) {
    ctx.metrics.set(echoed, 1, { text: [target, ...params.values()].join('|') })
  },
})

/** Takes its time; with `stubborn` it ignores its signal. */
export const slow = defineProber({
  name: 'slow',
  options: z.strictObject({
    takes: positiveDuration().default(200),
    stubborn: z.boolean().default(false),
  }),
  metrics: [],
  accept: request => request,
  async probe(ctx, _request, { takes, stubborn }) {
    await sleep(takes, undefined, stubborn ? {} : { signal: ctx.signal })
  },
})

/** Runs whatever function a test registers under the target's name. */
export const scripted = defineProber({
  name: 'scripted',
  options: z.strictObject({}),
  metrics: [echoed],
  accept: ({ target }) => target,
  async probe(ctx, target) {
    const script = scripts.get(target)
    if (script === undefined) throw new ProbeFailure('not_found', `no script ${target}`)
    await script(ctx)
  },
})

type Script = (ctx: Parameters<typeof echo.probe>[0]) => Promise<void> | void

export const scripts = new Map<string, Script>()

/** Succeeds at once; its options hold a secret. */
export const keeper = defineProber({
  name: 'keeper',
  options: z.strictObject({ password: secret() }),
  metrics: [],
  accept: request => request,
  async probe() {},
})
