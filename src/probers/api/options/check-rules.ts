import { decimalNumber } from '../extract/amount.ts'
import type { Path, Report } from '../extract/compiler.ts'
import { type CheckOptions, matchers } from './check.ts'
import type { Section } from './section.ts'

/** Matchers that look at each thing that is found. */
const ofEach = ['equals', 'in', 'not_in', 'regex', 'min', 'max', 'range'] as const

/** Whether anything is compared as a number. */
const readsNumber = ({ equals, in: among = [], not_in: notAmong = [], ...check }: CheckOptions) =>
  [check.min, check.max, check.range].some(bound => bound !== undefined) ||
  [equals, ...among, ...notAmong].some(value => decimalNumber(String(value)) !== undefined)

function checkOne(check: CheckOptions, at: Path, report: Report): void {
  const given = matchers.filter(key => check[key] !== undefined)
  const each = ofEach.filter(key => check[key] !== undefined)
  if ((check.path === undefined) === (check.meta === undefined)) {
    if (check.path === undefined) report(at, 'expected path or meta')
    else report([...at, 'meta'], 'excludes path')
  }
  if (given.length === 0) report(at, `expected one of ${matchers.join(', ')}`)
  if (check.exists === false && given.length > 1) report([...at, 'exists'], 'nothing else can be checked of nothing')
  if (each.length === 0 && check.quantifier === 'any')
    report([...at, 'quantifier'], `needs one of ${ofEach.join(', ')}`)
  if (check.parse !== 'number' && !readsNumber(check)) report([...at, 'parse'], 'there is no number to compare with')
}

/** The rules of checks that concern several keys. */
export function checkChecks({ checks, requests = {} }: Section, names: readonly string[], report: Report): void {
  const all = [
    ...Object.entries(requests).flatMap(([id, { checks: own }]) =>
      own.map((check, index) => ({ check, at: ['requests', id, 'checks', index] as Path })),
    ),
    ...checks.map((check, index) => ({ check, at: ['checks', index] as Path })),
  ]
  const known = new Set<string>()
  for (const { check, at } of all) {
    checkOne(check, at, report)
    if (check.name !== undefined && known.has(check.name))
      report([...at, 'name'], 'there is a check of this name already')
    if (check.name !== undefined) known.add(check.name)
  }
  for (const [index, { from }] of checks.entries()) {
    if (from === undefined || names.includes(from)) continue
    report(['checks', index, 'from'], `there is no such entry under requests: ${from}`)
  }
}
