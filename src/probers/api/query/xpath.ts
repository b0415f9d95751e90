import { createRequire } from 'node:module'
import { Document, type Element, type Node } from 'slimdom'

interface Options {
  readonly language: unknown
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

const options: Options = { language: evaluateXPath.XPATH_3_1_LANGUAGE }

/** Parses an XPath 3.1 into a tree of XQueryX (https://www.w3.org/TR/xqueryx-31/). Throws what is wrong. */
export const parseXPath = (source: string): Element => parseScript(source, options, new Document())

/** Evaluates an XPath 3.1: nodes, and texts, numbers, booleans and dates. It is compiled just once. Throws what is wrong. */
export const evaluateXPathAt = (source: string, context: Node): readonly unknown[] =>
  evaluateXPath(source, context, null, {}, evaluateXPath.ALL_RESULTS_TYPE, options)
