import { dumps, integer, text, z } from '../../../kit/options.ts'
import { findOverlaps } from './overlaps.ts'
import { createPool, labelsOf, maxPools, type Pool } from './pool.ts'
import { createPoolMap, type PoolMap } from './pool-map.ts'
import {
  BadRange,
  type FamilyRange,
  type Network,
  networkText,
  parseAddresses,
  parseNetwork,
  parseRange,
  type Range,
  rangeText,
  without,
} from './range.ts'

const entry = z.strictObject({
  name: text()
    .refine(name => name !== '', 'expected a name')
    .optional()
    .describe('Value of the label `pool`; the range when it is not given.'),
  range: text().optional().describe('First and last address, as in `10.0.0.10-10.0.0.99`.'),
  cidr: text().optional().describe('All addresses of a network, as in `10.0.0.0/24`.'),
  prefix: text().optional().describe('Network out of which prefixes are delegated; with `delegated_length`.'),
  delegated_length: integer(1, 128).optional().describe('Length of the prefixes that are delegated.'),
  shared_network: text().prefault('').describe('Network that the pool shares with others: a client may take either.'),
  exclude: z
    .array(text())
    .default([])
    .describe('Addresses, ranges or networks that are neither in the size of the pool nor in its use.'),
})

type Entry = z.output<typeof entry>
type Refuse = (message: string, key: keyof Entry, index?: number) => void

/** Runs `work` and reports a `BadRange` as a fault of the option; undefined then. */
function attempt<T>(work: () => T, refuse: (message: string) => void): T | undefined {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof BadRange)) throw error
    refuse(error.message)
    return undefined
  }
}

const forms = ['range', 'cidr', 'prefix'] as const

const parsers = { range: parseRange, cidr: parseNetwork, prefix: parseNetwork }

/** What an entry spans; undefined when that is refused. */
function spanOf(pool: Entry, refuse: Refuse): FamilyRange | Network | undefined {
  const given = forms.filter(form => pool[form] !== undefined)
  const [form] = given
  if (form === undefined || given.length > 1) {
    refuse('expected one of range, cidr and prefix', given[1] ?? 'range')
    return undefined
  }
  if ((form === 'prefix') !== (pool.delegated_length !== undefined)) {
    refuse(form === 'prefix' ? 'missing: expected a length' : 'only with prefix', 'delegated_length')
    return undefined
  }
  const span = attempt(
    () => parsers[form](pool[form] ?? ''),
    message => refuse(message, form),
  )
  if (form !== 'prefix' || span === undefined || span.family === 'ipv6') return span
  refuse('expected an IPv6 network', 'prefix')
  return undefined
}

/** What is left of a span; undefined when an exclusion is refused. */
function rest(span: FamilyRange, exclude: readonly string[], refuse: Refuse): readonly Range[] | undefined {
  let left: readonly Range[] | undefined = [{ first: span.first, last: span.last }]
  for (const [i, text] of exclude.entries()) {
    const refuseThis = (message: string) => refuse(message, 'exclude', i)
    const hole = attempt(() => parseAddresses(text), refuseThis)
    const isInside =
      hole !== undefined && hole.family === span.family && hole.first >= span.first && hole.last <= span.last
    if (hole !== undefined && !isInside) {
      refuseThis(
        hole.family === span.family ? 'lies outside of the pool' : `expected addresses of ${span.family}, as the pool`,
      )
    }
    left = isInside && left !== undefined ? without(left, hole) : undefined
  }
  return left
}

const nameOf = (span: FamilyRange | Network): string => ('length' in span ? networkText(span) : rangeText(span))

/** A pool, and what was written for it. */
interface ConfiguredPool {
  readonly pool: Pool
  readonly written: Entry
}

function poolOf(written: Entry, issues: z.RefinementCtx): ConfiguredPool {
  const refuse: Refuse = (message, key, index) =>
    issues.addIssue({ code: 'custom', path: index === undefined ? [key] : [key, index], message })
  const span = spanOf(written, refuse)
  const ranges = span && rest(span, written.exclude, refuse)
  if (span === undefined || ranges === undefined) return z.NEVER
  const traits = {
    name: written.name ?? nameOf(span),
    sharedNetwork: written.shared_network,
    delegatedLength: written.delegated_length,
  }
  const pool = attempt(
    () => createPool(span, traits, ranges),
    message => refuse(message, written.prefix === undefined ? 'exclude' : 'delegated_length'),
  )
  return pool === undefined ? z.NEVER : { pool, written }
}

/** Pools as the configuration gives them, and what was written there. */
export interface ConfiguredPools extends PoolMap {
  readonly written: readonly Entry[]
}

function mapOf(configured: readonly ConfiguredPool[], issues: z.RefinementCtx): ConfiguredPools {
  const refuse = (message: string, ...path: (string | number)[]) => issues.addIssue({ code: 'custom', path, message })
  const pools = configured.map(({ pool }) => pool)
  const names = new Set<string>()
  for (const [place, pool] of pools.entries()) {
    if (names.has(labelsOf(pool))) refuse(`the name of another ${pool.family} pool`, place, 'name')
    names.add(labelsOf(pool))
  }
  for (const { pool, earlier } of findOverlaps(pools)) refuse(`overlaps with pool ${pools[earlier]?.name}`, pool)
  return { ...createPoolMap(pools), written: configured.map(({ written }) => written) }
}

/** The option `pools`: ranges that do not overlap, ready for looking addresses up. */
export const poolsOption = () =>
  z
    .array(entry.transform(poolOf))
    .max(maxPools)
    .transform(mapOf)
    .register(dumps, { dump: ({ written }: ConfiguredPools) => written })
    .prefault([])
