import { createRequire } from 'node:module'
import { Document, Element, type Node } from 'slimdom'

interface Options {
  readonly language: unknown
  readonly disableCache?: boolean
}

/** What sonde uses of fontoxpath, whose own types would make every name of a browser known everywhere. */
interface FontoXPath {
  readonly evaluateXPath: {
    (
      source: string,
      context: Node,
      facade: null,
      variables: Readonly<Record<string, unknown>>,
      type: unknown,
      options: Options,
    ): unknown[]
    readonly ALL_RESULTS_TYPE: unknown
    readonly XPATH_3_1_LANGUAGE: unknown
  }
  readonly parseScript: (source: string, options: Options, factory: Document) => Element
}

const { evaluateXPath, parseScript } = createRequire(import.meta.url)('fontoxpath') as FontoXPath

const cached: Options = { language: evaluateXPath.XPATH_3_1_LANGUAGE }
const uncached: Options = { ...cached, disableCache: true }

/**
 * The library keeps what it compiled for ever, once for each set of namespaces that documents bind to the prefixes of an
 * XPath. Documents that bind others each time shall not fill the memory: so many sets are kept.
 */
const maxBindings = 8
const bindings = new Map<string, Set<string>>()

function optionsFor(source: string, prefixes: readonly string[], context: Node): Options {
  const known = bindings.get(source) ?? new Set()
  bindings.set(source, known)
  const bound = JSON.stringify(prefixes.map(prefix => context.lookupNamespaceURI(prefix)))
  if (known.size < maxBindings) known.add(bound)
  return known.has(bound) ? cached : uncached
}

const queryX = 'http://www.w3.org/2005/XQueryX'

function prefixesOf(tree: Element): readonly string[] {
  const own = tree.getAttributeNS(queryX, 'prefix') ?? ''
  return [own, ...tree.childNodes.flatMap(child => (child instanceof Element ? prefixesOf(child) : []))]
}

/** A parsed XPath 3.1. */
export interface XPath {
  /** Its parts as XQueryX (https://www.w3.org/TR/xqueryx-31/). */
  readonly tree: Element
  /** Gives nodes, texts, numbers, booleans and dates. Throws what is wrong. */
  evaluate(context: Node): readonly unknown[]
}

/** Parses an XPath. Throws what is wrong. */
export function parseXPath(source: string): XPath {
  const tree = parseScript(source, cached, new Document())
  const prefixes = [...new Set(prefixesOf(tree))]
  return {
    tree,
    evaluate(context) {
      const options = optionsFor(source, prefixes, context)
      return evaluateXPath(source, context, null, {}, evaluateXPath.ALL_RESULTS_TYPE, options)
    },
  }
}
