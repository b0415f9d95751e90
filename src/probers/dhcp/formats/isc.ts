import { LeaseFileError } from '../failure.ts'
import { type Leases, unstatedCode } from '../leases.ts'
import { type LeaseFormat, type LeaseReader, noFacts, type ReaderOptions } from './format.ts'
import { parseDate } from './isc-date.ts'
import { closeBrace, IscLexer, openBrace, type Statement, semicolon } from './isc-lexer.ts'
import {
  afterComments,
  begins,
  cutOffAddress,
  endsInUtc,
  ipv6Blocks,
  iscKeywords,
  leaseAddress,
  otherKeywords,
  restAfter,
  stateCodes,
  textOf,
} from './isc-words.ts'

class IscReader implements LeaseReader {
  readonly #leases: Leases
  readonly #family: ReaderOptions['family']
  readonly #lexer = new IscLexer(statement => this.#take(statement))
  #depth = 0
  #isLease = false
  #isSound = true
  #blockLine = 0
  #address = 0
  #state = unstatedCode
  #end: number | undefined
  #transaction = Number.NEGATIVE_INFINITY
  #leaseSeen = false
  #utcSeen = false
  #firstMalformed: string | undefined

  constructor(leases: Leases, { family }: ReaderOptions) {
    this.#leases = leases
    this.#family = family
  }

  feed(chunk: Uint8Array): void {
    this.#lexer.feed(chunk)
  }

  end() {
    return {
      ...noFacts,
      incompleteTail: this.#depth > 0 || this.#lexer.pending,
      schema: this.#utcSeen ? 'openbsd' : '',
      family: this.#leaseSeen ? ('ipv4' as const) : undefined,
      firstMalformed: this.#firstMalformed,
    }
  }

  #take(statement: Statement): void {
    if (statement.terminator === openBrace) this.#open(statement)
    else if (statement.terminator === closeBrace) this.#close(statement)
    else if (this.#depth === 0) this.#judgeTop(statement)
    else if (this.#depth === 1 && this.#isLease) this.#readStatement(statement)
    if (statement.tooLong) this.#isSound = false
  }

  #open(statement: Statement): void {
    const isInside = this.#depth > 0
    const address = isInside ? cutOffAddress(statement) : leaseAddress(statement)
    if (isInside && address === -1) {
      this.#depth++
      return
    }
    // No block holds a lease: the one before lacks its end, as a server was cut off and then wrote on.
    if (isInside) this.#skip(this.#blockLine)
    this.#beginBlock(statement, address)
  }

  #beginBlock(statement: Statement, address: number): void {
    this.#depth = 1
    this.#isSound = true
    this.#blockLine = statement.line
    this.#isLease = address !== -1 || restAfter(statement, begins.lease) > 0
    if (this.#isLease) this.#beginLease(address)
    else this.#judgeTop(statement)
  }

  #beginLease(address: number): void {
    if (this.#family === 'ipv6') {
      throw new LeaseFileError('wrong_family', 'a lease file of the DHCPv4 server, expected ipv6')
    }
    this.#leaseSeen = true
    this.#address = address
    this.#isSound = address !== -1
    this.#state = unstatedCode
    this.#end = undefined
    this.#transaction = Number.NEGATIVE_INFINITY
  }

  #judgeTop(statement: Statement): void {
    if (statement.length === 0 && statement.terminator === semicolon) return
    const [keyword = ''] = textOf(statement).split(' ')
    if (ipv6Blocks.includes(keyword) && this.#family === 'ipv4') {
      throw new LeaseFileError('wrong_family', 'a lease file of the DHCPv6 server, expected ipv4')
    }
    if (ipv6Blocks.includes(keyword)) {
      throw new LeaseFileError(
        'unrecognised_format',
        'a lease file of the ISC DHCPv6 server, which is not supported yet',
      )
    }
    if (!otherKeywords.includes(keyword) || statement.tooLong) this.#skip(statement.line)
  }

  #readStatement(statement: Statement): void {
    const end = restAfter(statement, begins.ends)
    if (end > 0) this.#end = this.#readDate(statement, end)
    const transaction = restAfter(statement, begins.starts) || restAfter(statement, begins.cltt)
    if (transaction > 0) this.#noteTransaction(this.#readDate(statement, transaction))
    const state = restAfter(statement, begins.state)
    if (state > 0) this.#setState(textOf(statement, state))
    if (restAfter(statement, begins.abandoned) > statement.length) this.#setState('abandoned')
  }

  #readDate(statement: Statement, from: number): number {
    const date = parseDate(statement.text, from, statement.length)
    if (Number.isNaN(date)) this.#isSound = false
    this.#utcSeen ||= endsInUtc(statement)
    return date
  }

  #noteTransaction(date: number): void {
    if (Number.isFinite(date) && date > this.#transaction) this.#transaction = date
  }

  #setState(word: string): void {
    const code = stateCodes.get(word)
    if (code === undefined) this.#isSound = false
    else this.#state = code
  }

  #close(statement: Statement): void {
    if (this.#depth === 0) this.#skip(statement.line)
    else if (--this.#depth === 0 && this.#isLease) this.#endLease(statement)
  }

  #endLease(statement: Statement): void {
    const isSound = this.#isSound && statement.length === 0
    // Without state and end dhcpd takes a lease for free.
    const end = this.#end ?? (this.#state === unstatedCode ? 0 : Number.POSITIVE_INFINITY)
    if (!isSound) {
      this.#skip(this.#blockLine)
      return
    }
    this.#leases.count()
    this.#leases.noteTransaction('ipv4', this.#transaction)
    this.#leases.putIpv4(this.#address, this.#state, end)
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
  createReader: (leases, options) => new IscReader(leases, options),
}
