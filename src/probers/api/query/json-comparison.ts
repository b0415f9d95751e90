import { JSONPathNodeList, jsonpath } from 'json-p3'

const { expressions, selectors } = jsonpath

type Expression = InstanceType<typeof expressions.LogicalExpression>['expression']
type Infix = InstanceType<typeof expressions.InfixExpression>
type Path = InstanceType<typeof expressions.RelativeQuery>['path']

/** What a filter says of a value; the library's own way takes a hundred times as long. */
export type Test = (value: unknown) => boolean

/** The members that lead from a value to another, `@.a.b`; undefined for a path of another kind. */
function namesOf({ segments }: Path): readonly string[] | undefined {
  const names = segments.flatMap(segment => {
    const [selector, ...more] = segment.selectors
    const isName = selector instanceof selectors.NameSelector && more.length === 0
    return isName && !segment.toString().startsWith('..') ? [selector.name] : []
  })
  return names.length === segments.length ? names : undefined
}

/** What stands there; undefined, which JSON does not have, for nothing. */
function memberAt(value: unknown, names: readonly string[]): unknown {
  let at = value
  for (const name of names) {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || !Object.hasOwn(at, name)) return undefined
    at = (at as Readonly<Record<string, unknown>>)[name]
  }
  return at
}

function literalOf(expression: Expression): string | number | boolean | null | undefined {
  if (expression instanceof expressions.NullLiteral) return null
  const { StringLiteral, NumberLiteral, BooleanLiteral } = expressions
  const isLiteral = [StringLiteral, NumberLiteral, BooleanLiteral].some(kind => expression instanceof kind)
  return isLiteral ? (expression as InstanceType<typeof StringLiteral>).value : undefined
}

/** Surrogates stand for what comes after all that is one unit of UTF-16. */
const rankOf = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2800 : unit)

/** Texts are ordered by their Unicode scalar values, which are not JavaScript's units. */
function isTextBelow(one: string, other: string): boolean {
  const length = Math.min(one.length, other.length)
  for (let at = 0; at < length; at++) {
    const [unit, against] = [one.charCodeAt(at), other.charCodeAt(at)]
    if (unit !== against) return rankOf(unit) < rankOf(against)
  }
  return one.length < other.length
}

function isBelow(one: unknown, other: unknown): boolean {
  if (typeof one === 'string' && typeof other === 'string') return isTextBelow(one, other)
  return typeof one === 'number' && typeof other === 'number' && one < other
}

/** Comparisons of what stands there with a literal: 2.3.5.2.2 of RFC 9535. */
const comparisons: Readonly<Record<string, (found: unknown, literal: unknown) => boolean>> = {
  '==': (found, literal) => found === literal,
  '!=': (found, literal) => found !== literal,
  '<': isBelow,
  '>': (found, literal) => isBelow(literal, found),
  '<=': (found, literal) => found === literal || isBelow(found, literal),
  '>=': (found, literal) => found === literal || isBelow(literal, found),
}

const operandOf = (evaluated: unknown) =>
  evaluated instanceof JSONPathNodeList && evaluated.nodes.length === 1 ? evaluated.nodes[0]?.value : evaluated

/** Makes a comparison that is left to the library, which orders texts by units of UTF-16, order them rightly. */
export function orderTexts(expression: Infix): void {
  const { left, operator, right } = expression
  const holds = comparisons[operator]
  if (holds === undefined || operator === '==' || operator === '!=') return
  expression.evaluate = context => {
    const [one, other] = [operandOf(left.evaluate(context)), operandOf(right.evaluate(context))]
    const areTexts = typeof one === 'string' && typeof other === 'string'
    return areTexts ? holds(one, other) : expressions.compare(one, operator, other)
  }
}

function compileInfix({ left, operator, right }: Infix): Test | undefined {
  if (operator === '&&' || operator === '||') {
    const [one, other] = [compileTest(left), compileTest(right)]
    if (one === undefined || other === undefined) return undefined
    return operator === '&&' ? value => one(value) && other(value) : value => one(value) || other(value)
  }
  const names = left instanceof expressions.RelativeQuery ? namesOf(left.path) : undefined
  const literal = literalOf(right)
  const holds = comparisons[operator]
  if (names === undefined || literal === undefined || holds === undefined) return undefined
  return value => holds(memberAt(value, names), literal)
}

/**
 * Compiles the filters that nearly everybody writes: whether a member is there, or how it compares to a literal, and
 * what `&&`, `||` and `!` make of these. Undefined for others, which are left to the library.
 */
export function compileTest(expression: Expression): Test | undefined {
  if (expression instanceof expressions.LogicalExpression) return compileTest(expression.expression)
  if (expression instanceof expressions.InfixExpression) return compileInfix(expression)
  if (expression instanceof expressions.PrefixExpression) {
    const test = expression.operator === '!' ? compileTest(expression.right) : undefined
    return test && (value => !test(value))
  }
  const names = expression instanceof expressions.RelativeQuery ? namesOf(expression.path) : undefined
  return names && (value => memberAt(value, names) !== undefined)
}
