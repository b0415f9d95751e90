import {
  type FilterFunction,
  FunctionExpressionType,
  JSONPathEnvironment,
  JSONPathError,
  JSONPathLexerError,
  type JSONPathQuery,
  JSONPathRecursionLimitError,
  type JSONValue,
  jsonpath,
  Nothing,
} from 'json-p3'
import { maxDepth } from '../document/document.ts'
import { compileTest, orderTexts } from './json-comparison.ts'
import type { Segment, Selector } from './json-walk.ts'
import { type Cost, QueryError } from './query.ts'
import { compileRegexp, costOfDocumentPattern, match, search } from './regexp-functions.ts'

/** A compiled JSONPath: sonde walks its segments, the library evaluates the expressions of its filters. */
export interface JsonPath {
  readonly segments: readonly Segment[]
  readonly cost: Cost
}

const { expressions, functions, selectors } = jsonpath
const { LogicalType, ValueType } = FunctionExpressionType

type Expression = InstanceType<typeof expressions.LogicalExpression>['expression']

const onTexts = (call: FilterFunction['call']): FilterFunction => ({
  argTypes: [ValueType, ValueType],
  returnType: LogicalType,
  call,
})

/** The library counts units of UTF-16; text is as long as it has characters (2.4.4 of RFC 9535). */
const length: FilterFunction = {
  argTypes: [ValueType],
  returnType: ValueType,
  call(value: unknown) {
    if (typeof value === 'string') return Array.from(value).length
    if (typeof value !== 'object' || value === null) return Nothing
    return Array.isArray(value) ? value.length : Object.keys(value).length
  },
}

const environment = new JSONPathEnvironment({ maxRecursionDepth: maxDepth + 2 })
environment.functionRegister = new Map([
  ['count', new functions.Count()],
  ['value', new functions.Value()],
  ['length', length],
  ['match', onTexts(match)],
  ['search', onTexts(search)],
])

/** What a filter costs per octet that it is put to, and per one of its children. */
interface FilterCost {
  factor: number
  /** Power of the queries that start at the child: together they see the whole just once. */
  relative: number
  /** Power of those that start at the root, for every child. */
  absolute: number
}

/** Compiles the patterns of an expression in place, and adds up what it costs. */
function prepare(expression: Expression, cost: FilterCost): void {
  cost.factor += 0.3
  if (expression instanceof expressions.LogicalExpression) prepare(expression.expression, cost)
  else if (expression instanceof expressions.PrefixExpression) prepare(expression.right, cost)
  else if (expression instanceof expressions.InfixExpression) {
    prepare(expression.left, cost)
    prepare(expression.right, cost)
    orderTexts(expression)
  } else if (expression instanceof expressions.FilterQuery) {
    const { factor, power } = costOf(expression.path)
    cost.factor += factor
    const side = expression instanceof expressions.RootQuery ? 'absolute' : 'relative'
    cost[side] = Math.max(cost[side], power)
  } else if (expression instanceof expressions.FunctionExtension) prepareCall(expression, cost)
}

function prepareCall({ name, args }: InstanceType<typeof expressions.FunctionExtension>, cost: FilterCost): void {
  for (const argument of args) prepare(argument, cost)
  if (name !== 'match' && name !== 'search') return
  const pattern = args[1]
  if (!(pattern instanceof expressions.StringLiteral)) {
    cost.factor += costOfDocumentPattern
    return
  }
  const { token } = pattern
  try {
    const compiled = compileRegexp(pattern.value)
    args[1] = { token, evaluate: () => compiled, toString: () => pattern.toString() }
    cost.factor += compiled.cost
  } catch (error) {
    throw new QueryError(`bad regular expression: ${(error as Error).message}`, token.index + 1, { cause: error })
  }
}

const isDescendant = (segment: JSONPathQuery['segments'][number]) => segment.toString().startsWith('..')

/** About what a path costs; the patterns in it are compiled. */
function costOf({ segments }: JSONPathQuery): Cost {
  let [factor, power, descents] = [0, 0, 0]
  for (const segment of segments) {
    if (isDescendant(segment)) power = Math.max(power, ++descents)
    for (const selector of segment.selectors) {
      factor += 1
      if (selector instanceof selectors.NameSelector || selector instanceof selectors.IndexSelector) continue
      power = Math.max(power, 1)
      if (!(selector instanceof selectors.FilterSelector)) continue
      const filter: FilterCost = { factor: 0, relative: 0, absolute: -1 }
      prepare(selector.expression, filter)
      factor += filter.factor
      power = Math.max(power, filter.absolute + 1, filter.relative + (filter.relative > 0 ? descents : 0))
    }
  }
  return { factor, power }
}

function toSelector(selector: JSONPathQuery['segments'][number]['selectors'][number]): Selector {
  if (selector instanceof selectors.NameSelector) return { kind: 'name', name: selector.name }
  if (selector instanceof selectors.IndexSelector) return { kind: 'index', index: selector.index }
  if (selector instanceof selectors.SliceSelector) {
    return { kind: 'slice', start: selector.start, stop: selector.stop, step: selector.step ?? 1 }
  }
  if (!(selector instanceof selectors.FilterSelector)) return { kind: 'all' }
  const { expression } = selector
  return {
    kind: 'filter',
    test:
      compileTest(expression) ??
      ((value, currentKey, root) =>
        expression.evaluate({
          environment,
          currentValue: value as JSONValue,
          rootValue: root as JSONValue,
          currentKey,
          lazy: true,
        })),
  }
}

/** Compiles RFC 9535; `match` and `search` take RE2. Throws `QueryError`. */
export function compileJsonPath(source: string): JsonPath {
  try {
    const query = environment.compile(source)
    const cost = costOf(query)
    const segments = query.segments.map(segment => ({
      descends: isDescendant(segment),
      selectors: segment.selectors.map(toSelector),
    }))
    return { segments, cost }
  } catch (error) {
    if (error instanceof RangeError) throw new QueryError('nested too deeply', 1, { cause: error })
    if (!(error instanceof JSONPathError)) throw error
    const { token } = error
    const [what = ''] = error.message.split(` ('${token.input}':`)
    const message = error instanceof JSONPathLexerError ? 'the query ends too early' : what
    throw new QueryError(message, Math.max(token.index, 0) + 1, { cause: error })
  }
}

/** What the library throws when it gives up on a value. */
export const isEvaluationFault = (error: unknown): boolean =>
  error instanceof JSONPathRecursionLimitError || error instanceof RangeError
