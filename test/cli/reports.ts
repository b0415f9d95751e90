import fc from 'fast-check'
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

/** Texts that would break a format if it let them. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        ...[
          '\n',
          '\r\n',
          '::error::',
          '::',
          '%0A',
          '|',
          '\u001b[31m',
          '\u009b2J',
          '\0',
          '\u2028',
          '\ufffe',
          '\ud800',
          ']]>',
        ],
        ...[
          '<',
          '&',
          '"',
          "'",
          '\\',
          '#',
          '# SKIP',
          '# TODO',
          '...',
          '---',
          'not ok 1',
          'Bail out!',
          '1..9',
          '`',
          '=',
          ';',
          ' ',
        ],
        ...['</failure>', '<!--', '{', '}', '$(x)', 'a', 'ß', '🙂', '\t', '~', '##[error]'],
      ),
      { maxLength: 8 },
    )
    .map(parts => parts.join('')),
)

const anOutcome = fc
  .record({
    name: hostile,
    module: hostile,
    target: hostile,
    message: hostile,
    log: hostile,
    verdict: fc.constantFrom('pass', 'slow', 'target', 'caller', 'sonde'),
  })
  .map(({ name, module, target, message, log, verdict }) => {
    const of = task(name, module, target)
    const logs = [{ offsetMs: 1, level: 'info' as const, message: log, fields: { [`k${log.length}`]: log } }]
    if (verdict === 'pass') return outcome(of, { logs })
    if (verdict === 'slow') return outcome(of, { logs, warning: 'took 2s, more than 1s' })
    return failed(of, message, { logs, fault: verdict as 'target' })
  })

/** Reports about targets that mean harm. */
export const aReport = fc.array(anOutcome, { minLength: 1, maxLength: 4 }).map(outcomes => report(outcomes))
