import type { Outcome, Report, Task } from '../../src/cli/run/task.ts'

export const task = (name: string, module = 'http_2xx', target = name): Task => ({
  name,
  module,
  target,
  params: new Map(),
  labels: { instance: target, module },
  complaint: () => undefined,
})

export const outcome = (of: Task, rest: Partial<Outcome> = {}): Outcome => ({
  task: of,
  module: of.module,
  target: of.target,
  success: true,
  durationMs: 12.345,
  timeoutMs: 5000,
  reason: undefined,
  message: undefined,
  families: [],
  logs: [],
  fault: undefined,
  warning: undefined,
  ...rest,
})

export const failed = (of: Task, message: string, rest: Partial<Outcome> = {}): Outcome =>
  outcome(of, { success: false, reason: 'content', fault: 'target', message, ...rest })

export const report = (outcomes: readonly Outcome[], rest: Partial<Report> = {}): Report => ({
  title: 'probe',
  outcomes,
  skipped: [],
  interrupted: undefined,
  startedAt: new Date('2026-11-21T10:11:12.345Z'),
  durationMs: 1234.5,
  warnMs: undefined,
  ...rest,
})

/** One of everything that can become of a task. */
export const mixed = (): Report =>
  report(
    [
      outcome(task('https://a.example')),
      outcome(task('slow one', 'dns_a', '192.0.2.53'), { warning: 'took 2s, more than 1s' }),
      failed(task('https://b.example'), 'status 503 is not accepted', {
        reason: 'status',
        logs: [{ offsetMs: 1.5, level: 'info', message: 'got an answer', fields: { status: 503, lazy: () => 'text' } }],
      }),
      failed(task('check of c', 'http_2xx', 'https://c.example'), 'expected down, but it is up', { reason: undefined }),
      failed(task('https://d.example'), 'target refused by policy: host', { reason: undefined, fault: 'caller' }),
      failed(task('https://e.example'), 'no descriptor left', { reason: undefined, fault: 'sonde' }),
    ],
    { skipped: [task('https://f.example')], interrupted: 'SIGINT' },
  )
