import { Attr, Document, Element, Node } from 'slimdom'
import { type Found, type Query, QueryError, QueryFault } from './query.ts'
import { evaluate } from './xpath.ts'

const textOf = (node: Node): string =>
  node instanceof Document ? (node.documentElement?.textContent ?? '') : (node.textContent ?? '')

const nameOf = (node: Node) => (node instanceof Element || node instanceof Attr ? node.localName : undefined)

/** An item of XML; its text is put together when somebody asks for it. */
export const foundNode = (node: Node): Found => ({
  get value() {
    return textOf(node)
  },
  key: nameOf(node),
  node,
})

const foundResult = (result: unknown): Found =>
  result instanceof Node ? foundNode(result) : { value: result, key: undefined, node: undefined }

/** Compiles an XPath. */
export function compileXmlQuery(source: string): Query {
  const path = source.replace(/^\{(.*)\}$/s, '$1')
  try {
    evaluate(path, new Document())
  } catch (error) {
    throw new QueryError((error as Error).message, 1, { cause: error })
  }
  return {
    source,
    cost: { factor: 10, power: 1 },
    absolute: path.startsWith('/'),
    find(_, item) {
      const { node } = item.found
      if (!(node instanceof Node)) return []
      try {
        return evaluate(path, node).map(foundResult)
      } catch (error) {
        throw new QueryFault('the XPath cannot be evaluated', { cause: error })
      }
    },
  }
}
