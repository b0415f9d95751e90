import { codeOf, type LeaseDetails, type Leases, unstatedCode } from '../leases.ts'
import { hexIn, hexOf, hostnameIn, noDetails } from './details.ts'
import { type Block, noEnd, readDate, type Shared } from './isc-block.ts'
import type { Statement } from './isc-lexer.ts'
import type { PlainLease } from './isc-plain.ts'
import { begins, identifierIn, restAfter, stateCodeIn, stringOf } from './isc-words.ts'

const abandonedCode = codeOf('abandoned')
const space = 0x20

/** First letters of what is read. */
const letters = { abandoned: 0x61, binding: 0x62, cltt: 0x63, ends: 0x65, starts: 0x73 } as const
/** Reads the blocks of the DHCPv4 server, `lease ADDRESS { … }`, one after the other. */
export class IscLease implements Block {
  readonly #leases: Leases
  readonly #shared: Shared
  #address = 0
  #isSound = true
  #state = unstatedCode
  #end = noEnd
  #transaction = Number.NEGATIVE_INFINITY
  #details = noDetails

  constructor(leases: Leases, shared: Shared) {
    this.#leases = leases
    this.#shared = shared
  }

  /** Begins a lease; with an address of -1 it is malformed, whatever is in it. */
  begin(address: number): void {
    this.#address = address
    this.#isSound = address !== -1
    this.#state = unstatedCode
    this.#end = noEnd
    this.#transaction = Number.NEGATIVE_INFINITY
    this.#details = noDetails
  }

  open({ tooLong }: Statement): void {
    if (tooLong) this.#isSound = false
  }

  close({ tooLong }: Statement): void {
    if (tooLong) this.#isSound = false
  }

  read(statement: Statement, depth: number): void {
    if (statement.tooLong) this.#isSound = false
    if (depth !== 1) return
    switch (statement.text[0]) {
      case letters.ends:
        this.#readEnd(statement)
        break
      case letters.starts:
        this.#readTransaction(statement, restAfter(statement, begins.starts))
        break
      case letters.cltt:
        this.#readTransaction(statement, restAfter(statement, begins.cltt))
        break
      case letters.binding:
        this.#readState(statement)
        break
      case letters.abandoned:
        if (restAfter(statement, begins.abandoned) > statement.length) this.#state = abandonedCode
        break
    }
    if (this.#leases.keepsDetails) this.#readDetails(statement)
  }

  end(statement: Statement, line: number): void {
    if (!this.#isSound || statement.length > 0) this.#shared.skip(line)
    else this.#put(this.#address, this.#state, this.#end, this.#transaction)
  }

  /** Takes a lease that was read otherwise. */
  take({ address, state, end, transaction }: PlainLease): void {
    this.#details = noDetails
    this.#put(address, state, end, transaction)
  }

  #put(address: number, state: number, end: number, transaction: number): void {
    this.#leases.count()
    this.#leases.noteTransaction('ipv4', transaction)
    this.#leases.putIpv4(address, state, end, 0, this.#details)
  }

  #readDate(statement: Statement, from: number): number {
    const date = readDate(statement, from, this.#shared)
    if (Number.isNaN(date)) this.#isSound = false
    return date
  }

  #readEnd(statement: Statement): void {
    const from = restAfter(statement, begins.ends)
    if (from > 0) this.#end = this.#readDate(statement, from)
  }

  #readTransaction(statement: Statement, from: number): void {
    if (from === 0) return
    const date = this.#readDate(statement, from)
    if (Number.isFinite(date) && date > this.#transaction) this.#transaction = date
  }

  #readState(statement: Statement): void {
    const from = restAfter(statement, begins.state)
    if (from === 0) return
    const code = stateCodeIn(statement.text, from, statement.length)
    if (code === undefined) this.#isSound = false
    else this.#state = code
  }

  #readDetails(statement: Statement): void {
    const { text, length } = statement
    const set = (details: Partial<LeaseDetails>) => {
      this.#details = { ...this.#details, ...details }
    }
    const hardware = restAfter(statement, begins.hardware)
    if (hardware > 0) set({ hwaddr: hexIn(text, text.indexOf(space, hardware) + 1, length) })
    const uid = restAfter(statement, begins.uid)
    if (uid > 0) set({ clientId: hexOf(identifierIn(statement, uid) ?? new Uint8Array()) })
    if (restAfter(statement, begins.hostname) > 0)
      set({ hostname: hostnameIn(stringOf(statement) ?? new Uint8Array()) })
  }
}
