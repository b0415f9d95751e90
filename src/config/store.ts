import type { Snapshot } from '../engine/module.ts'

/** Holds the configuration in use. */
export class ConfigStore {
  #snapshot: Snapshot | undefined
  #last: Promise<unknown> = Promise.resolve()
  readonly #read: () => Promise<Snapshot>

  /** `read` reads, checks and binds the whole configuration, or throws. */
  constructor(read: () => Promise<Snapshot>) {
    this.#read = read
  }

  /** The configuration in use, or undefined before the first load. */
  current(): Snapshot | undefined {
    return this.#snapshot
  }

  /**
   * Replaces the configuration by what `read` gives now; when that throws, so does this, and nothing has changed.
   * Calls run one after another, so the newest file wins.
   */
  reload(): Promise<Snapshot> {
    const next = this.#last.then(async () => {
      const snapshot = await this.#read()
      this.#snapshot = snapshot
      return snapshot
    })
    this.#last = next.catch(() => undefined)
    return next
  }
}
