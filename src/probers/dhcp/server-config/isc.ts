import { dirname, resolve } from 'node:path'
import type { Pool } from '../pools/pool.ts'
import { BadRange, type Network } from '../pools/range.ts'
import { prefix6, range4, range6, subnet4, subnet6 } from './isc-ranges.ts'
import { createTokens, type Token, type Tokens } from './isc-tokens.ts'
import {
  atPlace,
  type Place,
  type Reading,
  readFile,
  ServerConfigError,
  type ServerPools,
  type Stack,
} from './reading.ts'

const tokensBetweenPauses = 500
const statementsBetweenPauses = 50
const maxBlocks = 32

/** What holds within a block. */
interface Scope {
  readonly sharedNetwork: string
  /** The subnet that the block is in; undefined in a shared network, whose pools may be of any subnet in it. */
  readonly subnet: Network | undefined
}

/** Blocks that may hold ranges, and what holds in them; all others are passed over. */
const blocks: Readonly<Record<string, (words: string, scope: Scope) => Scope>> = {
  group: (_words, scope) => scope,
  pool: (_words, scope) => scope,
  pool6: (_words, scope) => scope,
  subnet: (words, scope) => ({ ...scope, subnet: subnet4(words) }),
  subnet6: (words, scope) => ({ ...scope, subnet: subnet6(words) }),
  'shared-network': words => {
    if (words === '') throw new BadRange('expected the name of a shared network')
    return { sharedNetwork: words, subnet: undefined }
  },
}

const statements: Readonly<Record<string, (words: string, sharedNetwork: string) => Pool>> = {
  range: range4,
  range6,
  prefix6,
}

interface Statement {
  /** The first word, in lower case. */
  readonly keyword: string
  /** The others, with one space between them. */
  readonly words: string
  /** Whether one string follows the first word. */
  readonly isQuoted: boolean
  readonly isEmpty: boolean
  readonly end: Token
  readonly place: Place
}

/** Passes over a block whose `{` was read: within it only strings, comments and braces matter. */
function* skipBlock(tokens: Tokens, open: Token): Reading<void> {
  for (let depth = 1, read = 1; depth > 0; read++) {
    const { kind } = tokens.next()
    if (kind === 'end') throw new ServerConfigError(tokens.place(open), 'a block without end')
    if (kind === '{') depth++
    else if (kind === '}') depth--
    if (read % tokensBetweenPauses === 0) yield 'pause'
  }
}

function* readStatement(tokens: Tokens): Reading<Statement> {
  const read: Token[] = []
  for (;;) {
    const token = tokens.next()
    if (token.kind === 'word' || token.kind === 'string') read.push(token)
    else {
      const [first = token, ...others] = read
      const words = others.map(({ text }) => text).join(' ')
      const isQuoted = others.length === 1 && others[0]?.kind === 'string'
      const keyword = first.kind === 'word' ? first.text.toLowerCase() : ''
      return { keyword, words, isQuoted, isEmpty: read.length === 0, end: token, place: tokens.place(first) }
    }
    if (read.length % tokensBetweenPauses === 0) yield 'pause'
  }
}

/** Adds the pool of a statement that defines one. */
function readPool({ keyword, words, place }: Statement, { sharedNetwork, subnet }: Scope, pools: Pool[]): void {
  const poolOf = Object.hasOwn(statements, keyword) ? statements[keyword] : undefined
  if (poolOf === undefined) return
  const pool = atPlace(place, () => poolOf(words, sharedNetwork))
  const [range] = pool.ranges
  // Prefixes are delegated from anywhere.
  if (subnet !== undefined && range !== undefined && pool.kind === 'addresses') {
    const isInside = range.first >= subnet.first && range.last <= subnet.last && pool.family === subnet.family
    if (!isInside) throw new ServerConfigError(place, 'the range is not in its subnet')
  }
  pools.push(pool)
}

/** Reads statements up to the end of the block, or of the file where `open` is undefined. */
function* readBlock(tokens: Tokens, scope: Scope, stack: Stack, pools: Pool[], open?: Token, depth = 0): Reading<void> {
  if (open !== undefined && depth > maxBlocks)
    throw new ServerConfigError(tokens.place(open), 'too many blocks in one another')
  for (let read = 1; ; read++) {
    const statement = yield* readStatement(tokens)
    const { keyword, words, end, place } = statement
    if (end.kind === '{') {
      const enter = Object.hasOwn(blocks, keyword) ? blocks[keyword] : undefined
      if (enter === undefined) yield* skipBlock(tokens, end)
      else
        yield* readBlock(
          tokens,
          atPlace(place, () => enter(words, scope)),
          stack,
          pools,
          end,
          depth + 1,
        )
    } else if (end.kind === ';') {
      if (keyword === 'include') yield* readIncluded(statement, scope, stack, pools)
      else readPool(statement, scope, pools)
    } else {
      if (!statement.isEmpty) throw new ServerConfigError(place, 'a statement without its semicolon')
      if (end.kind === '}' && open === undefined) throw new ServerConfigError(place, 'a closing brace too many')
      if (end.kind === 'end' && open !== undefined)
        throw new ServerConfigError(tokens.place(open), 'a block without end')
      return
    }
    if (read % statementsBetweenPauses === 0) yield 'pause'
  }
}

function* readIncluded(
  { words, isQuoted, place }: Statement,
  scope: Scope,
  stack: Stack,
  pools: Pool[],
): Reading<void> {
  if (!isQuoted) throw new ServerConfigError(place, 'expected a file name in quotation marks')
  const path = resolve(dirname(place.file), words)
  const text = yield* readFile(path, stack, place)
  yield* readBlock(createTokens(text, path), scope, [...stack, path], pools)
}

/** Reads the ranges of a dhcpd.conf: those in subnets, pools, groups, shared networks and included files. */
export function* readIsc(path: string): Reading<ServerPools> {
  const text = yield* readFile(path, [], { file: path, line: 1 })
  const pools: Pool[] = []
  yield* readBlock(createTokens(text, path), { sharedNetwork: '', subnet: undefined }, [path], pools)
  return { pools, warnings: [] }
}
