import { parseDuration } from '../../../kit/duration.ts'
import { safeText } from '../../../kit/text.ts'
import type { CheckOptions } from '../options/check.ts'
import { documentItem } from '../query/items.ts'
import { QueryFault } from '../query/query.ts'
import { decimalNumber } from './amount.ts'
import type { CheckResult } from './answer.ts'
import { atDocument, type Compiler, type Path, type Visit } from './compiler.ts'
import { labelText } from './label.ts'
import { metaValue } from './meta.ts'
import { isWithin, parseRange } from './range.ts'
import { readNumber } from './read-number.ts'
import type { Placed } from './spec.ts'
import { toText } from './text.ts'

export type CompiledCheck = (visit: Visit) => CheckResult

/** One matcher on one thing that was found. */
interface Matcher {
  /** What it wants, for a message. */
  readonly wanted: string
  test(found: unknown, nowMs: number): boolean
}

type Scalar = string | number | boolean

const isTime = ({ parse, meta }: CheckOptions) =>
  parse === 'age' || parse === 'duration' || meta === 'duration' || meta === 'tls_not_after'

function compileBound(check: CheckOptions, key: 'min' | 'max', { report }: Compiler, at: Path): number | undefined {
  const written = check[key]
  if (typeof written !== 'string') return written
  const ms = isTime(check) ? parseDuration(written) : undefined
  const number = decimalNumber(written) ?? (ms === undefined ? undefined : ms / 1000)
  if (number === undefined) {
    const wanted = isTime(check) ? 'a number of seconds or a duration such as 500ms, 5s or 1m' : 'a number'
    report([...at, key], `expected ${wanted}`)
  }
  return number
}

function compileMatchers(check: CheckOptions, compiler: Compiler, at: Path): readonly Matcher[] {
  const number = (found: unknown, nowMs: number) => readNumber(found, check.parse, nowMs)
  const isSame = (expected: Scalar, found: unknown, nowMs: number) => {
    const wanted = check.parse === 'number' ? expected : (decimalNumber(String(expected)) ?? expected)
    if (typeof wanted === 'number') return number(found, nowMs) === wanted
    // `1.0` is text to YAML here, as it may be a version.
    const isNumber = typeof found === 'number' && decimalNumber(String(expected)) === found
    return isNumber || toText(found) === String(expected)
  }
  const isOne = (expected: readonly Scalar[], found: unknown, nowMs: number) =>
    expected.some(one => isSame(one, found, nowMs))
  const numeric = (wanted: string, test: (number: number) => boolean): Matcher => ({
    wanted,
    test(found, nowMs) {
      const value = number(found, nowMs)
      return value !== undefined && test(value)
    },
  })
  const { equals, in: among, not_in: notAmong } = check
  const pattern = check.regex === undefined ? undefined : compiler.pattern(check.regex, [...at, 'regex'])
  const [min, max] = [compileBound(check, 'min', compiler, at), compileBound(check, 'max', compiler, at)]
  if (min !== undefined && max !== undefined && min > max) compiler.report([...at, 'min'], 'min is above max')
  const range = check.range === undefined ? undefined : parseRange(check.range)
  if (check.range !== undefined && range === undefined) {
    compiler.report([...at, 'range'], 'expected a range such as 10, 10:, ~:10, 10:20 or @10:20')
  }
  return [
    ...(equals === undefined ? [] : [{ wanted: `${equals}`, test: isOne.bind(undefined, [equals]) }]),
    ...(among === undefined ? [] : [{ wanted: `one of ${among.join(', ')}`, test: isOne.bind(undefined, among) }]),
    ...(notAmong === undefined
      ? []
      : [
          {
            wanted: `none of ${notAmong.join(', ')}`,
            test: (found: unknown, nowMs: number) => !isOne(notAmong, found, nowMs),
          },
        ]),
    ...(pattern === undefined
      ? []
      : [{ wanted: `a match of ${check.regex}`, test: (found: unknown) => pattern.test(toText(found)) }]),
    ...(min === undefined ? [] : [numeric(`at least ${check.min}`, value => value >= min)]),
    ...(max === undefined ? [] : [numeric(`at most ${check.max}`, value => value <= max)]),
    ...(range === undefined ? [] : [numeric(`the range ${check.range}`, value => isWithin(range, value))]),
  ]
}

/** Compiles what is checked: everything that is there, but null. Throws `QueryFault`. */
function compileSubject(
  { path, meta }: CheckOptions,
  compiler: Compiler,
  at: Path,
): (visit: Visit) => readonly unknown[] {
  if (meta !== undefined) {
    return ({ meta: known, nowMs }) => {
      const value = metaValue(meta, known)
      if (value === undefined) return []
      return [meta === 'tls_not_after' ? Number(value) - nowMs / 1000 : value]
    }
  }
  if (path === undefined) return () => []
  const query = compiler.query(path, [...at, 'path'], atDocument)
  return ({ document }) =>
    query.find(document, documentItem(document)).flatMap(({ value }) => (value === null ? [] : [value]))
}

const shown = (value: unknown) => safeText(toText(value, 100), 100) || 'nothing'

/** Compiles a check. Its result tells what was found and what was wanted, where `message` does not say it. */
export function compileCheck({ written: check, at }: Placed<CheckOptions>, compiler: Compiler): CompiledCheck {
  const { name, severity, exists, count, quantifier } = check
  const subject = compileSubject(check, compiler, at)
  const matchers = compileMatchers(check, compiler, at)
  const said =
    check.message === undefined ? undefined : compiler.template(check.message, [...at, 'message'], atDocument)

  function fault(visit: Visit): string | undefined {
    const found = subject(visit)
    if (exists !== undefined && found.length > 0 !== exists) return exists ? 'nothing was found' : 'something was found'
    const { min = 0, max = Number.POSITIVE_INFINITY } = count ?? {}
    if (found.length < min || found.length > max) return `${found.length} were found`
    if (matchers.length === 0) return undefined
    if (found.length === 0) return `nothing was found, expected ${matchers[0]?.wanted}`
    const faultOf = (value: unknown) => matchers.find(({ test }) => !test(value, visit.nowMs))
    const bad = found.find(value => faultOf(value) !== undefined)
    if (bad === undefined || (quantifier === 'any' && found.some(value => faultOf(value) === undefined)))
      return undefined
    return `found ${shown(bad)}, expected ${faultOf(bad)?.wanted}`
  }

  function judge(visit: Visit): string | undefined {
    try {
      return fault(visit)
    } catch (error) {
      if (!(error instanceof QueryFault)) throw error
      return error.message
    }
  }

  return visit => {
    const found = judge(visit)
    const passed = found === undefined
    const subjectName = name ?? check.path ?? check.meta ?? ''
    const text = passed ? '' : (said?.(visit, documentItem(visit.document)) ?? `check ${subjectName}: ${found}`)
    return { name, severity, passed, message: labelText(text) }
  }
}
