import { Element } from 'slimdom'
import { QueryError } from './query.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Elements of XQueryX: XPath 2.0 without what makes functions, counts without bound, or builds documents. */
const supported = words(`
  module mainModule queryBody pathExpr rootExpr stepExpr xpathAxis nameTest Wildcard star NCName QName value name
  anyKindTest textTest commentTest piTest elementTest attributeTest documentTest elementName attributeName
  predicates filterExpr contextItemExpr functionCallExpr functionName arguments firstOperand secondOperand operand
  unaryMinusOp unaryPlusOp stringConstantExpr integerConstantExpr decimalConstantExpr doubleConstantExpr
  sequenceExpr simpleMapExpr ifThenElseExpr ifClause thenClause elseClause
  quantifiedExpr quantifier quantifiedExprInClause typedVariableBinding varName sourceExpr predicateExpr varRef
  flworExpr forClause forClauseItem forExpr letClause letClauseItem letExpr returnClause
  addOp subtractOp multiplyOp divOp idivOp modOp stringConcatenateOp andOp orOp unionOp intersectOp exceptOp
  equalOp notEqualOp lessThanOp lessThanOrEqualOp greaterThanOp greaterThanOrEqualOp
  eqOp neOp ltOp leOp gtOp geOp isOp nodeBeforeOp nodeAfterOp
  castExpr castableExpr argExpr singleType atomicType optional
`)

/** Functions whose time is bounded by the size of what they are given: `replace` and `tokenize` backtrack. */
const functions = words(`
  string number boolean not true false count sum min max avg name local-name namespace-uri root position last
  exists empty data head tail reverse subsequence distinct-values index-of zero-or-one exactly-one one-or-more
  contains starts-with ends-with substring substring-before substring-after string-length normalize-space
  translate concat string-join upper-case lower-case compare matches round floor ceiling abs
`)

const queryX = 'http://www.w3.org/2005/XQueryX'
const types = 'http://www.w3.org/2001/XMLSchema'
const standard = 'http://www.w3.org/2005/xpath-functions'

export const childrenOf = (node: Element): readonly Element[] =>
  node.childNodes.filter(child => child instanceof Element)

function isSupportedFunction(name: Element): boolean {
  const space = name.getAttributeNS(queryX, 'URI')
  return space === types || (space === standard && functions.has(name.textContent ?? ''))
}

/** Patterns are kept for ever once they are compiled: documents may not bring theirs. */
function checkPattern(call: Element): void {
  const [name, given] = childrenOf(call)
  const pattern = given === undefined ? undefined : childrenOf(given)[1]
  if (name?.textContent === 'matches' && pattern !== undefined && pattern.localName !== 'stringConstantExpr') {
    throw new QueryError('expected the pattern of matches() in quotes')
  }
}

/** Throws `QueryError` where a parsed XPath holds what sonde does not evaluate. */
export function checkXPath(node: Element): void {
  const { localName } = node
  if (!supported.has(localName)) throw new QueryError(`XPath with ${localName} is not supported`)
  if (localName === 'functionName' && !isSupportedFunction(node)) {
    throw new QueryError(`the function ${node.textContent}() is not supported`)
  }
  if (localName === 'functionCallExpr') checkPattern(node)
  for (const child of childrenOf(node)) checkXPath(child)
}
