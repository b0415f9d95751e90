import { hostnameIn } from './details.ts'
import { type FailoverState, failoverStates } from './format.ts'
import { type Block, readDate, type Shared } from './isc-block.ts'
import type { Statement } from './isc-lexer.ts'
import { stringOf, textOf } from './isc-words.ts'

/** A server has a few. */
const maxPeers = 100

const stateOf = (word: string | undefined) => failoverStates.find(state => state === word)

/** Reads the blocks `failover peer "NAME" state { … }`, of which the last one counts. */
export class IscFailover implements Block {
  readonly #shared: Shared
  readonly #known = new Map<string, readonly FailoverState[]>()
  #peer = ''
  #states: FailoverState[] = []
  #isSound = true

  constructor(known: readonly FailoverState[], shared: Shared) {
    this.#shared = shared
    for (const { peer } of known)
      this.#known.set(
        peer,
        known.filter(own => own.peer === peer),
      )
  }

  get states(): readonly FailoverState[] {
    return [...this.#known.values()].flat()
  }

  begin(statement: Statement): void {
    const name = stringOf(statement)
    this.#isSound = name !== undefined && textOf(statement) === 'failover peer " state'
    this.#peer = hostnameIn(name ?? new Uint8Array())
    this.#states = []
  }

  open(): void {
    this.#isSound = false
  }

  close(): void {}

  read(statement: Statement, depth: number): void {
    // The manual says peer, the server writes partner.
    const match = depth === 1 && /^(my|partner|peer) state ([\w-]+) at /.exec(textOf(statement))
    if (!match) return
    const state = stateOf(match[2])
    const since = readDate(statement, match[0].length, this.#shared)
    if (state === undefined || !Number.isFinite(since)) this.#isSound = false
    else this.#states.push({ peer: this.#peer, role: match[1] === 'my' ? 'my' : 'partner', state, since })
  }

  end(statement: Statement, line: number): void {
    const isKnown = this.#known.has(this.#peer)
    const isSound = this.#isSound && statement.length === 0 && (isKnown || this.#known.size < maxPeers)
    if (!isSound) this.#shared.skip(line)
    else if (this.#states.length > 0) this.#known.set(this.#peer, this.#states)
  }
}
