import { jsonpath } from 'json-p3'

const { expressions, selectors } = jsonpath

type Expression = InstanceType<typeof expressions.LogicalExpression>['expression']
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

function isBelow(one: unknown, other: unknown): boolean {
  const areAlike = typeof one === typeof other && (typeof one === 'number' || typeof one === 'string')
  return areAlike && (one as number) < (other as number)
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

function compileInfix({ left, operator, right }: InstanceType<typeof expressions.InfixExpression>): Test | undefined {
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
