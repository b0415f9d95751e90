import { ipv6Words, type Leases, leaseTypes, typeWord, unstatedCode } from '../leases.ts'
import { hexOf, noDetails } from './details.ts'
import { type Block, readDate, type Shared } from './isc-block.ts'
import { createIaIndex } from './isc-ia-index.ts'
import type { Statement } from './isc-lexer.ts'
import { begins, type IaHead, restAfter, stateCodeIn } from './isc-words.ts'
import { parseDigits, parseIpv6 } from './text.ts'

const prefixCode = leaseTypes.indexOf('pd')
const slash = 0x2f
const maxPrefixLength = 128

/** A real one lists a few. */
const maxAddresses = 1024

interface Address {
  readonly key: Uint32Array
  readonly line: number
  isSound: boolean
  state: number
  end: number | undefined
}

/** Reads the blocks of the DHCPv6 server, `ia-na ID { iaaddr ADDRESS { … } … }`, one after the other. */
export class IscIa implements Block {
  readonly #leases: Leases
  readonly #shared: Shared
  readonly #index
  #typeCode = 0
  #id: Uint8Array = new Uint8Array()
  #isSound = true
  #transaction = Number.NEGATIVE_INFINITY
  #addresses: Address[] = []
  /** The one whose block is open. */
  #address: Address | undefined

  constructor(leases: Leases, shared: Shared) {
    this.#leases = leases
    this.#shared = shared
    this.#index = createIaIndex(leases)
  }

  /** Begins an IA; without a head it is malformed. */
  begin(head: IaHead | undefined): void {
    this.#isSound = head !== undefined
    this.#typeCode = head?.typeCode ?? 0
    this.#id = head?.id ?? new Uint8Array()
    this.#transaction = Number.NEGATIVE_INFINITY
    this.#addresses = []
    this.#address = undefined
  }

  open(statement: Statement, depth: number): void {
    if (statement.tooLong) this.#spoil()
    if (depth !== 1) return
    const rest = restAfter(statement, this.#typeCode === prefixCode ? begins.prefix : begins.address)
    if (rest > 0) this.#beginAddress(statement, rest)
    else if (restAfter(statement, begins.prefix) > 0 || restAfter(statement, begins.address) > 0) this.#isSound = false
  }

  close(statement: Statement, depth: number): void {
    if (depth !== 1) return
    if (statement.tooLong || statement.length > 0) this.#spoil()
    this.#address = undefined
  }

  read(statement: Statement, depth: number): void {
    if (statement.tooLong) this.#spoil()
    if (depth === 1) this.#readOwn(statement)
    else if (depth === 2 && this.#address !== undefined) this.#readAddress(statement, this.#address)
  }

  end(statement: Statement, line: number): void {
    if (!this.#isSound || statement.length > 0) {
      for (const own of this.#addresses.length > 0 ? this.#addresses : [{ line }]) this.#shared.skip(own.line)
      return
    }
    const group = this.#index.replace(
      this.#typeCode,
      this.#id,
      this.#addresses.map(({ key }) => key),
    )
    for (const address of this.#addresses) this.#put(address, group)
    this.#leases.noteTransaction('ipv6', this.#transaction)
  }

  #put({ key, isSound, state, end, line }: Address, group: number): void {
    if (!isSound) {
      this.#shared.skip(line)
      return
    }
    this.#leases.count()
    const details = this.#leases.keepsDetails ? { ...noDetails, clientId: hexOf(this.#id.subarray(4)) } : undefined
    const until = end ?? (state === unstatedCode ? 0 : Number.POSITIVE_INFINITY)
    this.#leases.putIpv6(key, state, until, group, details)
  }

  #beginAddress({ text, length, line }: Statement, from: number): void {
    const at = this.#typeCode === prefixCode ? text.indexOf(slash, from) : length
    const prefixLength = at < length ? parseDigits(text, at + 1, length) : maxPrefixLength
    const key = new Uint32Array(ipv6Words)
    const isAddress =
      at >= from &&
      at <= length &&
      prefixLength >= 0 &&
      prefixLength <= maxPrefixLength &&
      parseIpv6(text, from, at, key)
    if (!isAddress || this.#addresses.length === maxAddresses) {
      this.#isSound = false
      return
    }
    key[4] = typeWord(this.#typeCode, prefixLength)
    this.#address = { key, line, isSound: true, state: unstatedCode, end: undefined }
    this.#addresses.push(this.#address)
  }

  #readOwn(statement: Statement): void {
    const from = restAfter(statement, begins.cltt)
    if (from === 0) return
    this.#transaction = readDate(statement, from, this.#shared)
    if (Number.isNaN(this.#transaction)) this.#isSound = false
    if (this.#transaction === Number.POSITIVE_INFINITY) this.#transaction = Number.NEGATIVE_INFINITY
  }

  #readAddress(statement: Statement, address: Address): void {
    const end = restAfter(statement, begins.ends)
    if (end > 0) address.end = readDate(statement, end, this.#shared)
    if (Number.isNaN(address.end)) address.isSound = false
    const from = restAfter(statement, begins.state)
    if (from === 0) return
    const state = stateCodeIn(statement.text, from, statement.length)
    if (state === undefined) address.isSound = false
    else address.state = state
  }

  /** What is open cannot be used. */
  #spoil(): void {
    if (this.#address === undefined) this.#isSound = false
    else this.#address.isSound = false
  }
}
