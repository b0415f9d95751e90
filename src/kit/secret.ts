import { inspect } from 'node:util'

/** A value that never prints itself: text, JSON and inspection all say `<secret>`. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself; call it only where it goes to the target. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '<secret>'
  }

  toJSON(): string {
    return '<secret>'
  }

  [inspect.custom](): string {
    return '<secret>'
  }
}
