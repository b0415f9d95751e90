import { type ASTNode, Environment } from '@marcbachmann/cel-js'
import { compilePattern, type Pattern } from './regexp.ts'

/** JSON as CEL sees it: every number is a double, and no key is special. From `parseCelJson`. */
type CelValue = { readonly cel: unique symbol }

/** A compiled CEL expression over one variable, `body`. */
export interface Cel {
  readonly source: string
  /** How deep its loops over lists and maps are nested: its time may grow with the body to the power of one more. */
  readonly loopDepth: number
  /** What a step of them may cost: the instructions of its patterns, and one. */
  readonly cost: number
  /** Evaluates it. Throws an Error when that fails (missing key, no such overload, …) or gives no boolean. */
  test(body: CelValue): boolean
}

const macrosThatLoop = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

/** Takes the place of the library's `matches`, which is a backtracking RegExp that any text could hang. */
const re2Matches = 're2Matches'

/** A pattern that is computed from the body must not cost much to compile. */
const maxComputedPattern = 256

/** As much as it may cost to run: RE2 repeats nothing more than 1000 times. */
const computedPatternCost = maxComputedPattern * 1000

const maxFaultText = 200

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

/** Directs every `matches` to RE2 and collects the patterns that stand in the text. Returns what all of them cost. */
function prepareCalls(tree: ASTNode, patterns: Map<string, Pattern>): number {
  let cost = 0
  visit(tree, node => {
    if (node.op === 'id' && node.args === 'optional') throw faultAt(node, 'unknown variable: optional')
    if (node.op !== 'call' && node.op !== 'rcall') return
    const call = node.args as unknown[]
    if (call[0] !== 'matches') return
    call[0] = re2Matches
    const argument = (call.at(-1) as unknown[]).at(-1)
    const isConstant = isNode(argument) && typeof argument.args === 'string' && argument.op === 'value'
    const pattern = isConstant ? constantPattern(argument.args as string, argument) : undefined
    if (pattern !== undefined) patterns.set(pattern.source, pattern)
    cost += pattern?.cost ?? computedPatternCost
  })
  return cost
}

function loopDepth(value: unknown): number {
  if (Array.isArray(value)) return Math.max(0, ...value.map(loopDepth))
  if (!isNode(value)) return 0
  const isLoop = value.op === 'rcall' && macrosThatLoop.has(String((value.args as unknown[])[0]))
  return loopDepth(value.args) + (isLoop ? 1 : 0)
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

/** One line: what is wrong, and with which piece of the expression. A piece of a hostile body may be in it. */
function sentence(fault: Fault, source: string): string {
  const { summary = fault.message, range } = fault
  const line = summary.slice(0, maxFaultText).replace(/\s+/g, ' ').replaceAll(re2Matches, 'matches')
  const text = line.charAt(0).toLowerCase() + line.slice(1)
  if (range === undefined) return text
  const before = source.slice(0, range.start).split('\n')
  const [piece = ''] = source.slice(range.start, range.end).split('\n')
  const place = `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
  return piece === '' ? `${text}, at ${place}` : `${text}, at ${place}: ${piece.slice(0, 40)}`
}

function compile(source: string): Cel {
  const patterns = new Map<string, Pattern>()
  const evaluate = createEnvironment(patterns).parse(source)
  const cost = 1 + prepareCalls(evaluate.ast, patterns)
  const { valid, type, error } = evaluate.check()
  if (!valid) throw error
  if (type !== 'bool' && type !== 'dyn') throw new Error(`the expression gives ${type}, expected bool`)
  const test = (body: CelValue): boolean => {
    const result: unknown = evaluate({ body })
    if (typeof result !== 'boolean') throw new Error('the expression gives no boolean')
    return result
  }
  return { source, loopDepth: loopDepth(evaluate.ast), cost, test }
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

/** Makes CEL values of what JSON.parse gave, in place: hostile JSON is large enough once. */
function adapt(value: unknown, depth: number): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('the JSON holds a number beyond a double')
  if (typeof value !== 'object' || value === null) return value
  if (depth > maxDepth) throw new Error(`the JSON is nested deeper than ${maxDepth} levels`)
  const members = value as Record<string | number, unknown>
  if (Array.isArray(value)) for (const [index, item] of value.entries()) members[index] = adapt(item, depth + 1)
  else for (const key of Object.keys(value)) members[key] = adapt(members[key], depth + 1)
  // The library tells maps from others by `constructor`, which may be a key.
  return Object.hasOwn(value, 'constructor') ? new Map(Object.entries(value)) : value
}

/** Reads JSON (RFC 8259) as Go does. Throws an Error when it is none, nested too deeply, or its numbers are too large. */
export function parseCelJson(octets: Uint8Array): CelValue {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(octets)) // a BOM is no JSON, as in Go
  } catch (error) {
    throw new Error('the body is not JSON', { cause: error })
  }
  return adapt(value, 1) as CelValue
}
