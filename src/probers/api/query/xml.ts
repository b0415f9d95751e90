import { Attr, Document, Element, Node } from 'slimdom'
import { type Found, type Query, QueryError, QueryFault } from './query.ts'
import { parseXPath, type XPath } from './xpath.ts'
import { checkXPath } from './xpath-check.ts'
import { costOfXPath } from './xpath-cost.ts'

const textOf = (node: Node): string =>
  (node instanceof Document ? node.documentElement?.textContent : node.textContent) ?? ''

/** A node of XML; its text is put together when somebody asks for it. */
export const foundNode = (node: Node): Found => ({
  get value() {
    return textOf(node)
  },
  key: node instanceof Element || node instanceof Attr ? node.localName : undefined,
  node,
})

function foundResult(result: unknown): Found {
  if (result instanceof Node) return foundNode(result)
  return { value: result instanceof Date ? result.toISOString() : result, key: undefined, node: undefined }
}

/** The parser's message is a drawing; its last line tells the place. */
function syntaxError(error: Error): QueryError {
  const column = Number(/at <>:1:(\d+)/.exec(error.message)?.[1] ?? 1)
  const code = /XPST0003: (.*)/.exec(error.message)?.[1] ?? 'not an XPath'
  const what = code.startsWith('Failed to parse script.') ? 'not an XPath' : code
  return new QueryError(what.charAt(0).toLowerCase() + what.slice(1), column, { cause: error })
}

function parse(path: string): XPath {
  try {
    return parseXPath(path)
  } catch (error) {
    throw syntaxError(error as Error)
  }
}

/** Finds what is wrong whatever the document is: names without a meaning, a wrong number of arguments. */
function checkStatically(xpath: XPath): void {
  try {
    xpath.evaluate(new Document())
  } catch (error) {
    const [, code = '', text = ''] = /(XPST\d+)[:,] (.*)/.exec((error as Error).message) ?? []
    const isPrefix = code === 'XPST0081' // documents declare prefixes
    if (code !== '' && !isPrefix)
      throw new QueryError(text.charAt(0).toLowerCase() + text.slice(1).replace(/ No similar.*|\.$/g, ''), 1, {
        cause: error,
      })
  }
}

/** Compiles an XPath (2.0; what could take without bound is left out), which starts at the item. Throws `QueryError`. */
export function compileXmlQuery(source: string): Query {
  const xpath = parse(source.replace(/^\{(.*)\}$/s, '$1'))
  checkXPath(xpath.tree)
  checkStatically(xpath)
  return {
    source,
    ...costOfXPath(xpath.tree),
    find(_, item) {
      const { node } = item.found
      if (!(node instanceof Node)) return []
      try {
        return xpath.evaluate(node).map(foundResult)
      } catch (error) {
        // Its message quotes the document.
        const code = /\b(?:XP|FO)[A-Z]{2}\d{4}\b/.exec((error as Error).message)?.[0] ?? 'it goes too deep'
        throw new QueryFault(`the XPath cannot be evaluated: ${code}`, { cause: error })
      }
    },
  }
}
