/** The phases of a probe over a connection, in blackbox_exporter's words. */
const phaseNames = ['resolve', 'connect', 'tls', 'processing', 'transfer'] as const

export type Phase = (typeof phaseNames)[number]

/** Measures phases, one at a time; a phase that comes again (a redirect) adds up. */
export interface Phases {
  /** Ends the running phase, if any, and starts another. */
  begin(phase: Phase): void
  end(): void
  /** Forgets the running phase: only the last answer of a chain of redirects has a transfer. */
  drop(): void
  readonly current: Phase | undefined
}

/**
 * Starts with no phase running. `report` gets the sum of a phase whenever it ended, at once: what was measured must be
 * written before a deadline lets the answer go.
 */
export function createPhases(report: (phase: Phase, sumMs: number) => void): Phases {
  const sums = new Map<Phase, number>()
  let running: { readonly phase: Phase; readonly startedMs: number } | undefined

  function end() {
    if (running === undefined) return
    const { phase, startedMs } = running
    running = undefined
    const sum = (sums.get(phase) ?? 0) + performance.now() - startedMs
    sums.set(phase, sum)
    report(phase, sum)
  }

  return {
    begin(phase) {
      end()
      running = { phase, startedMs: performance.now() }
    },
    end,
    drop() {
      running = undefined
    },
    get current() {
      return running?.phase
    },
  }
}
