import { LeaseFileError } from '../failure.ts'
import { type Family, families, type Leases } from '../leases.ts'
import {
  beginning,
  type Checkpoint,
  type LeaseFormat,
  type LeaseReader,
  noFacts,
  type Position,
  type ReaderOptions,
} from './format.ts'
import type { Block } from './isc-block.ts'
import { IscFailover } from './isc-failover.ts'
import { IscIa } from './isc-ia.ts'
import { IscLease } from './isc-lease.ts'
import { IscLexer, type Statement } from './isc-lexer.ts'
import { closeBrace, openBrace } from './isc-octets.ts'
import { PlainLease } from './isc-plain.ts'
import { afterComments, type BlockHead, blockHead, iscKeywords, isIa, otherKeywords, textOf } from './isc-words.ts'

const openbsd = 'openbsd'

const keywordOf = (statement: Statement): string => textOf(statement).split(' ', 1)[0] ?? ''

class IscReader implements LeaseReader {
  readonly #expected: ReaderOptions['family']
  readonly #keepsDetails: boolean
  readonly #leases: Leases
  readonly #lexer: IscLexer
  readonly #shared
  readonly #lease: IscLease
  readonly #plain = new PlainLease()
  readonly #ia: IscIa
  readonly #failover: IscFailover
  readonly #unknown: Block
  readonly #families: Set<Family>
  /** Where the last statement ended that stands in no block. */
  #position: Position
  #depth = 0
  /** Reads the block that is open; undefined when nobody needs it. */
  #block: Block | undefined
  #blockLine = 0
  /** How many blocks lack their end, and where the first one began. They count when the next block is complete. */
  #cutOffs = 0
  #cutOffLine = 0
  #firstMalformed: string | undefined

  constructor(leases: Leases, { family }: ReaderOptions, from: Checkpoint) {
    const memory = from.memory.split(' ')
    this.#leases = leases
    this.#expected = family
    this.#keepsDetails = leases.keepsDetails
    this.#position = from
    this.#firstMalformed = from.facts.firstMalformed
    this.#families = new Set(families.filter(own => memory.includes(own)))
    const shortcut = leases.keepsDetails ? undefined : (chunk: Uint8Array, at: number) => this.#takePlain(chunk, at)
    this.#lexer = new IscLexer(statement => this.#take(statement), from, shortcut)
    this.#shared = { skip: (line: number) => this.#skip(line), utcSeen: memory.includes(openbsd) }
    this.#lease = new IscLease(leases, this.#shared)
    this.#ia = new IscIa(leases, this.#shared)
    this.#failover = new IscFailover(from.facts.failover, this.#shared)
    const ignore = () => undefined
    this.#unknown = { open: ignore, close: ignore, read: ignore, end: (_, line) => this.#skip(line) }
  }

  feed(chunk: Uint8Array): void {
    this.#lexer.feed(chunk)
  }

  end() {
    const [family, ...more] = this.#families
    const facts = {
      ...noFacts,
      incompleteTail: this.#depth > 0 || this.#lexer.pending,
      schema: this.#shared.utcSeen ? openbsd : '',
      family: more.length === 0 ? family : undefined,
      firstMalformed: this.#firstMalformed,
      failover: this.#failover.states,
    }
    return { facts, checkpoint: { ...this.#position, facts, memory: [...this.#families, facts.schema].join(' ') } }
  }

  #take(statement: Statement): void {
    if (statement.terminator === openBrace) this.#open(statement)
    else if (statement.terminator === closeBrace) this.#close(statement)
    else if (this.#depth > 0) this.#block?.read(statement, this.#depth)
    else this.#judgeTop(statement)
    if (this.#depth === 0) this.#position = this.#lexer.position
  }

  /** Takes a lease that needs no lexer; returns where it ends, or -1. */
  #takePlain(chunk: Uint8Array, at: number): number {
    if (this.#depth > 0) return -1
    const end = this.#plain.read(chunk, at)
    if (end === -1) return -1
    this.#noteFamily('ipv4')
    this.#lease.take(this.#plain)
    this.#lexer.pass(end, this.#plain.lines)
    this.#position = this.#lexer.position
    return end
  }

  #judgeTop(statement: Statement): void {
    const isKnown = statement.length === 0 || otherKeywords.includes(keywordOf(statement))
    if (!isKnown || statement.tooLong) this.#skip(statement.line)
  }

  #open(statement: Statement): void {
    const head = blockHead(statement)
    if (this.#depth > 0 && head === undefined) {
      this.#block?.open(statement, this.#depth++)
      return
    }
    // No block holds another lease: the one before lacks its end, as a server was cut off and then wrote on.
    if (this.#depth > 0) this.#noteCutOff(this.#blockLine)
    else if (head?.isCutIn) this.#noteCutOff(statement.line)
    this.#depth = 1
    this.#blockLine = statement.line
    this.#block = this.#begin(statement, head)
    this.#lexer.keepsStrings = this.#block !== this.#lease || this.#keepsDetails
  }

  #begin(statement: Statement, head: BlockHead | undefined): Block | undefined {
    if (head === undefined) return this.#beginOther(statement)
    this.#noteFamily(head.family)
    if (head.family === 'ipv4') this.#lease.begin(statement.tooLong ? -1 : head.address)
    else this.#ia.begin(statement.tooLong ? undefined : head)
    return head.family === 'ipv4' ? this.#lease : this.#ia
  }

  /** A block that is none of leases, or a malformed one of leases. */
  #beginOther(statement: Statement): Block | undefined {
    const keyword = keywordOf(statement)
    if (keyword === 'lease' || isIa(keyword)) this.#noteFamily(keyword === 'lease' ? 'ipv4' : 'ipv6')
    if (statement.tooLong || !otherKeywords.includes(keyword)) return this.#unknown
    if (keyword !== 'failover') return undefined
    this.#failover.begin(statement)
    return this.#failover
  }

  #noteFamily(family: Family): void {
    if (this.#expected !== 'auto' && this.#expected !== family) {
      const version = family === 'ipv4' ? 4 : 6
      throw new LeaseFileError('wrong_family', `a lease file of the DHCPv${version} server, expected ${this.#expected}`)
    }
    this.#families.add(family)
  }

  #noteCutOff(line: number): void {
    if (this.#cutOffs++ === 0) this.#cutOffLine = line
  }

  #close(statement: Statement): void {
    if (this.#depth === 0) this.#skip(statement.line)
    else if (--this.#depth > 0) this.#block?.close(statement, this.#depth)
    else this.#end(statement)
  }

  #end(statement: Statement): void {
    for (; this.#cutOffs > 0; this.#cutOffs--) this.#skip(this.#cutOffLine)
    this.#block?.end(statement, this.#blockLine)
    this.#lexer.keepsStrings = true
  }

  #skip(line: number): void {
    this.#leases.skip()
    this.#firstMalformed ??= `line ${line}`
  }
}

/** Whether the first word outside comments is one of the grammar's. */
export const beginsLikeIsc = (text: string): boolean =>
  iscKeywords.has(/^[\w-]*/.exec(text.replace(afterComments, ''))?.[0] ?? '')

/**
 * ISC dhcpd and OpenBSD's dialect: a log of whole blocks, the last one of an address wins. A block that is cut off at
 * the end of the file is dropped, a block that is malformed is skipped: the entry before it stands.
 */
export const isc: LeaseFormat = {
  name: 'isc-dhcpd',
  knows: {
    ipv4: {
      types: ['address'],
      states: ['active', 'expired', 'free', 'released', 'backup', 'abandoned', 'reset'],
    },
    ipv6: { types: ['na', 'ta', 'pd'], states: ['active', 'expired', 'free', 'released', 'abandoned'] },
  },
  rewrittenInPlace: false,
  mayBegin: text => [...iscKeywords].some(keyword => keyword.startsWith(text.replace(afterComments, ''))),
  createReader: (leases, options, from = beginning) => new IscReader(leases, options, from),
}
