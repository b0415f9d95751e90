import { type ASTNode, Environment } from '@marcbachmann/cel-js'
import { compilePattern, type Pattern } from './regexp.ts'

/** JSON as CEL sees it: numbers are doubles, and no key of a map is special. */
export type CelValue = null | boolean | number | string | readonly CelValue[] | ReadonlyMap<string, CelValue>

/** A compiled CEL expression over one variable, `body`. */
export interface Cel {
  readonly source: string
  /** Whether it goes over lists or maps, so that its time may grow faster than the body. */
  readonly hasLoops: boolean
  /** Evaluates it. Throws an Error when that fails (missing key, no such overload, …) or gives no boolean. */
  test(body: CelValue): boolean
}

const macrosThatLoop = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

/** Takes the place of the library's `matches`, which is a backtracking RegExp that any text could hang. */
const re2Matches = 're2Matches'

/** A pattern that is computed from the body must not cost much to compile. */
const maxComputedPattern = 256

/** A fault at a piece of the expression, as the library has it. */
interface Fault extends Error {
  /** The message without the drawing of where it is. */
  readonly summary?: string
  readonly range?: { readonly start: number; readonly end: number }
}

interface Node {
  readonly op: string
  readonly args: unknown
  readonly range: Required<Fault>['range']
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'op' in value

const faultAt = ({ range }: Node, message: string): Fault => Object.assign(new Error(message), { range })

/** Visits a parsed expression. Macros are expanded already, from the very nodes that stand below their call. */
function visit(value: unknown, each: (node: Node) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, each)
  if (!isNode(value)) return
  each(value)
  visit(value.args, each)
}

function constantPattern(source: string, node: Node): Pattern {
  try {
    return compilePattern(source)
  } catch (error) {
    throw faultAt(node, `bad regular expression: ${(error as Error).message}`)
  }
}

/** Directs every `matches` to RE2 and collects the patterns that stand in the text. Returns whether there are loops. */
function prepareCalls(tree: ASTNode, patterns: Map<string, Pattern>): boolean {
  let hasLoops = false
  visit(tree, node => {
    if (node.op === 'id' && node.args === 'optional') throw faultAt(node, 'unknown variable: optional')
    if (node.op !== 'call' && node.op !== 'rcall') return
    const call = node.args as unknown[]
    hasLoops ||= macrosThatLoop.has(String(call[0]))
    if (call[0] !== 'matches') return
    call[0] = re2Matches
    const pattern = (call.at(-1) as unknown[]).at(-1)
    if (!isNode(pattern) || typeof pattern.args !== 'string' || pattern.op !== 'value') return
    patterns.set(pattern.args, constantPattern(pattern.args, pattern))
  })
  return hasLoops
}

function createEnvironment(patterns: ReadonlyMap<string, Pattern>): Environment {
  const matches = (text: string, source: string): boolean => {
    const constant = patterns.get(source)
    if (constant !== undefined) return constant.test(text)
    if (source.length > maxComputedPattern) throw new Error(`a pattern longer than ${maxComputedPattern} characters`)
    return compilePattern(source).test(text)
  }
  return new Environment({ homogeneousAggregateLiterals: false })
    .registerVariable('body', 'dyn')
    .registerFunction(`string.${re2Matches}(string): bool`, matches, { async: false })
    .registerFunction(`${re2Matches}(string, string): bool`, matches, { async: false })
}

/** One line: what is wrong, and with which piece of the text. */
function sentence(fault: Fault, source: string): string {
  const { summary = fault.message, range } = fault
  const text = (summary.charAt(0).toLowerCase() + summary.slice(1)).replaceAll(re2Matches, 'matches')
  if (range === undefined) return text
  const before = source.slice(0, range.start).split('\n')
  const [piece = ''] = source.slice(range.start, range.end).split('\n')
  const place = `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
  return piece === '' ? `${text}, at ${place}` : `${text}, at ${place}: ${piece.slice(0, 40)}`
}

function compile(source: string): Cel {
  const patterns = new Map<string, Pattern>()
  const evaluate = createEnvironment(patterns).parse(source)
  const hasLoops = prepareCalls(evaluate.ast, patterns)
  const { valid, type, error } = evaluate.check()
  if (!valid) throw error
  if (type !== 'bool' && type !== 'dyn') throw new Error(`the expression gives ${type}, expected bool`)
  const test = (body: CelValue): boolean => {
    const result: unknown = evaluate({ body })
    if (typeof result !== 'boolean') throw new Error('the expression gives no boolean')
    return result
  }
  return { source, hasLoops, test }
}

/**
 * Compiles and type-checks a CEL expression (https://github.com/google/cel-spec) over the variable `body`; `matches` is
 * RE2. Throws an Error that says what is wrong and where.
 */
export function compileCel(source: string): Cel {
  try {
    const { test, ...cel } = compile(source)
    const told = (body: CelValue): boolean => {
      try {
        return test(body)
      } catch (error) {
        throw new Error(sentence(error as Fault, source), { cause: error })
      }
    }
    return Object.freeze({ ...cel, test: told, toJSON: () => source })
  } catch (error) {
    throw new Error(sentence(error as Fault, source), { cause: error })
  }
}

const maxDepth = 1000
const emptyList: CelValue = Object.freeze([])
const emptyMap: CelValue = new Map()

function fromJson(value: unknown, depth: number): CelValue {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('the JSON holds a number beyond a double')
  if (typeof value !== 'object' || value === null) return value as CelValue
  if (depth > maxDepth) throw new Error(`the JSON is nested deeper than ${maxDepth} levels`)
  if (Array.isArray(value)) return value.length === 0 ? emptyList : value.map(item => fromJson(item, depth + 1))
  const entries = Object.entries(value)
  return entries.length === 0 ? emptyMap : new Map(entries.map(([key, item]) => [key, fromJson(item, depth + 1)]))
}

/** Reads JSON (RFC 8259) as Go does. Throws an Error when it is none, nested too deeply, or its numbers are too large. */
export function parseCelJson(octets: Uint8Array): CelValue {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(octets)) // a BOM is no JSON, as in Go
  } catch (error) {
    throw new Error('the body is not JSON', { cause: error })
  }
  return fromJson(value, 1)
}
