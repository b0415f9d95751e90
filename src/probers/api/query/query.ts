import type { Document } from '../document/document.ts'

/** One thing that a query found. */
export interface Found {
  /** A JSON value; or the text of an XML node, or the text, number or boolean that an XPath gives; or text. */
  readonly value: unknown
  /** The last step of its location: member name or index; in XML the node's name, in text the number of the match. */
  readonly key: string | number | undefined
  /** What queries relative to it start from; `undefined` where there is nothing to start from. For this folder alone. */
  readonly node: unknown
}

/** What a query is relative to. */
export interface Item {
  readonly found: Found
  /** What `key_regex`, `regex` and `zip` captured, on every level. */
  readonly names: ReadonlyMap<string, unknown>
  /** `undefined` for the document itself. */
  readonly enclosing: Item | undefined
}

/** What a query may refer to at its place in the configuration. */
export interface Scope {
  /** Names that are captured around it. */
  readonly names: ReadonlySet<string>
  /** How many levels of items it stands in; 0 is the document itself. */
  readonly depth: number
}

/** About how long a `find` takes at most: `factor` steps, times what it is put to in octets to the power of `power`. */
export interface Cost {
  readonly factor: number
  readonly power: number
}

/** A compiled query. */
export interface Query {
  /** As it stands in the configuration. */
  readonly source: string
  readonly cost: Cost
  /** Whether it starts at the document whatever the item is, so that its time depends on the document's size. */
  readonly absolute: boolean
  /** Everything it finds, in document order. Throws `QueryFault` when it cannot be evaluated on this very document. */
  find(document: Document, item: Item): readonly Found[]
}

/** A mistake in the text of a query. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
  /** Where in the query, from 1. */
  readonly column: number
  /** Which one of several texts it is, as in `['zip', 'hits']`. */
  readonly path: readonly (string | number)[]

  constructor(message: string, column = 1, options: ErrorOptions & Partial<Pick<QueryError, 'path'>> = {}) {
    super(message, options)
    this.column = column
    this.path = options.path ?? []
  }
}

/** A query that has no answer on a document: a function of XPath that is given two nodes, a recursion without end, … */
export class QueryFault extends Error {
  override readonly name = 'QueryFault'
}

/** More than any document has, unless a query finds the same again and again. */
export const maxFound = 1_000_000

export const tooMuchFound = () => new QueryFault(`the query finds more than ${maxFound} things`)

/** Compiles a part of something larger: a `QueryError` then tells which part. */
export function inPart<T>(part: string | number, compile: () => T): T {
  try {
    return compile()
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    throw new QueryError(error.message, error.column, { cause: error, path: [part, ...error.path] })
  }
}
