import type { Element } from 'slimdom'
import type { Cost } from './query.ts'
import { childrenOf } from './xpath-check.ts'

const local = new Set(['child', 'attribute', 'self'])
const downward = new Set(['descendant', 'descendant-or-self'])

/** In these, every part is evaluated for everything that the parts before it give. */
const loops = new Set(['flworExpr', 'forClause', 'quantifiedExpr', 'simpleMapExpr'])

/** These compare everything with everything. */
const comparisons = new Set(['equalOp', 'notEqualOp'])
const quadratic = new Set(['distinct-values', 'index-of'])

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

const axesOf = (node: Element): readonly string[] =>
  node.localName === 'xpathAxis' ? [node.textContent ?? ''] : childrenOf(node).flatMap(axesOf)

const hasRoot = (node: Element): boolean => node.localName === 'rootExpr' || childrenOf(node).some(hasRoot)

/** Whether it looks at nothing but children and attributes, so that over many nodes it sees each thing just once. */
const isLocal = (node: Element) => !hasRoot(node) && axesOf(node).every(axis => local.has(axis))

function powerAfterStep(power: number, step: Element): number {
  let after = power
  for (const part of childrenOf(step)) {
    const axis = part.localName === 'xpathAxis' ? (part.textContent ?? '') : undefined
    if (axis === 'child') after = Math.max(after, 1)
    else if (axis !== undefined && !local.has(axis)) after += downward.has(axis) || after > 0 ? 1 : 0
    else if (isLocal(part)) after = Math.max(after, powerOf(part))
    else after += powerOf(part)
  }
  return after
}

/** The power of a document's size that the time to evaluate an expression grows with, at most. */
function powerOf(node: Element): number {
  const { localName } = node
  const children = childrenOf(node)
  if (localName === 'rootExpr') return 1
  if (localName === 'pathExpr') return children.reduce(powerAfterStep, 0)
  const powers = children.map(powerOf)
  if (loops.has(localName) || comparisons.has(localName)) return sum(powers)
  const [name] = children
  const isQuadratic = name?.localName === 'functionName' && quadratic.has(name.textContent ?? '')
  return Math.max(0, ...powers) * (isQuadratic ? 2 : 1)
}

/** What it costs per octet to look at everything inside a node, */
const perDescent = 25
/** to evaluate anything at all, shared out to the octets of a small item, */
const perEvaluation = 20
/** and to follow a path. */
const perStep = 2

/** About what an XPath costs, and whether that depends on the whole document. */
export function costOfXPath(tree: Element): { readonly cost: Cost; readonly absolute: boolean } {
  const axes = axesOf(tree)
  const descends = axes.some(axis => downward.has(axis))
  const absolute = hasRoot(tree) || axes.some(axis => !local.has(axis) && !downward.has(axis))
  const factor = descends ? perDescent : absolute ? perStep : perEvaluation
  return { cost: { factor, power: Math.max(1, powerOf(tree)) }, absolute }
}
