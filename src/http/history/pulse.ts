/** How the last probes of one module and target went. */
export interface Pulse {
  readonly module: string
  /** Without what may be a credential. */
  readonly target: string
  /** Of the last 20, newest last. */
  readonly successes: readonly boolean[]
}

export interface Pulses {
  add(key: string, module: string, target: string, success: boolean): void
  /** Newest first. */
  list(): readonly Pulse[]
}

export const mostResults = 20

/** Keeps the pulses of up to `mostKeys` modules and targets; those that were probed last. */
export function createPulses(mostKeys: number): Pulses {
  const pulses = new Map<string, Pulse & { readonly successes: boolean[] }>()
  return {
    add(key, module, target, success) {
      const pulse = pulses.get(key) ?? { module, target, successes: [] }
      pulses.delete(key) // so that the map is in the order of the last probes
      pulses.set(key, pulse)
      pulse.successes.push(success)
      if (pulse.successes.length > mostResults) pulse.successes.shift()
      if (pulses.size > mostKeys) for (const [oldest] of pulses) return void pulses.delete(oldest)
    },
    list: () => [...pulses.values()].reverse(),
  }
}
