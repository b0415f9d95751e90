import { createRequire } from 'node:module'
import type { Node } from 'slimdom'

/** What sonde uses of fontoxpath, whose own types would make the names of a browser known everywhere. */
interface FontoXPath {
  readonly evaluateXPath: {
    (
      source: string,
      context: Node,
      facade: null,
      variables: Readonly<Record<string, unknown>>,
      type: unknown,
      options: { readonly language: unknown },
    ): unknown[]
    readonly ALL_RESULTS_TYPE: unknown
    readonly XPATH_3_1_LANGUAGE: unknown
  }
}

const { evaluateXPath } = createRequire(import.meta.url)('fontoxpath') as FontoXPath

/** Evaluates an XPath. */
export const evaluate = (source: string, context: Node): readonly unknown[] =>
  evaluateXPath(source, context, null, {}, evaluateXPath.ALL_RESULTS_TYPE, {
    language: evaluateXPath.XPATH_3_1_LANGUAGE,
  })
