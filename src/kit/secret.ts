import { inspect } from 'node:util'
import { peek, readNamed } from './net/files.ts'

const maxBytes = 65_536
const hidden = '<secret>'

/** Where a secret stands, when it is not in the modules file itself. */
export type SecretSource = { readonly file: string } | { readonly env: string; readonly value: string }

/** A value that never prints itself: text, JSON and inspection all say `<secret>`, or where it stands. */
export class Secret {
  readonly #value: string | undefined
  readonly #source: { readonly file: string } | { readonly env: string } | undefined

  /** Takes the value itself, or where it stands. A file is read by each probe, again when it has changed. */
  constructor(value: string | SecretSource) {
    if (typeof value === 'string') {
      this.#value = value
    } else if ('file' in value) {
      this.#source = { file: value.file }
    } else {
      this.#value = value.value
      this.#source = { env: value.env }
    }
  }

  /** The file it stands in. */
  get file(): string | undefined {
    return this.#source !== undefined && 'file' in this.#source ? this.#source.file : undefined
  }

  /** Whether there is none, as empty text means; what a file holds is not known. */
  get isEmpty(): boolean {
    return this.#value === ''
  }

  /**
   * The value, and a version that changes when it may have. Call it only where the value goes to the target. Throws
   * `ProbeFailure` for a file: `not_found`, `denied` or `too_large`.
   */
  async read(): Promise<{ readonly value: string; readonly version: string }> {
    if (this.file === undefined) return { value: this.#value ?? '', version: 'inline' }
    const { octets, version } = await readNamed(this, this.file, maxBytes)
    return { value: octets.toString('utf8').trim(), version }
  }

  /** The value, as `read` finds it. */
  async reveal(): Promise<string> {
    return (await this.read()).value
  }

  /** What a load check can see of it; undefined for a file that cannot be read, which may change until the probe. */
  peek(): string | undefined {
    return this.file === undefined ? this.#value : peek(this.file, maxBytes)?.toString('utf8').trim()
  }

  toString(): string {
    return hidden
  }

  /** As it can be shown in a modules file. */
  toJSON(): unknown {
    return this.#source ?? hidden
  }

  [inspect.custom](): string {
    return hidden
  }
}
