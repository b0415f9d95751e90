import type { Document, Format } from '../document/document.ts'
import { type CompiledLevel, compileLevel, compileZip, type Level, type LevelCost } from './level.ts'
import { type Found, type Item, inPart, QueryError, type Scope } from './query.ts'
import { foundNode } from './xml.ts'

export type { Level } from './level.ts'

export interface ItemsSource {
  /** Levels from the outside in; none is the document itself. */
  readonly items?: Level | readonly Level[] | undefined
  /** Parallel lists, by the name that their values get. They make one more level, of one item per index. */
  readonly zip?: Readonly<Record<string, string>> | undefined
}

/** Compiled items. */
export interface Items {
  /** What a query that is relative to one of them may refer to. */
  readonly scope: Scope
  readonly costs: readonly LevelCost[]
  /** One after another, in document order; made as they are asked for. Throws `QueryFault`. */
  each(document: Document): Iterable<Item>
}

function foundDocument(document: Document): Found {
  switch (document.format) {
    case 'json':
      return { value: document.value, key: undefined, node: document.value }
    case 'xml':
      return foundNode(document.tree)
    case 'text':
      return { value: document.text, key: undefined, node: document.text }
  }
}

const noNames: Item['names'] = new Map()

/** The document, as queries outside of any item see it. */
export const documentItem = (document: Document): Item => ({
  found: foundDocument(document),
  names: noNames,
  enclosing: undefined,
})

function* descend(document: Document, item: Item, [level, ...rest]: readonly CompiledLevel[]): Iterable<Item> {
  if (level === undefined) yield item
  else for (const inner of level.within(document, item)) yield* descend(document, inner, rest)
}

/** What is known inside of a level. */
function scopeWithin({ names, depth }: Scope, level: CompiledLevel): Scope {
  const twice = level.names.find(name => names.has(name))
  if (twice !== undefined) throw new QueryError(`the name ${twice} is captured twice`)
  if (level.names.includes('key')) throw new QueryError('no name can be key: {key} is the key of the item')
  return { names: new Set([...names, ...level.names]), depth: depth + 1 }
}

/** Compiles `items` and `zip`. Throws `QueryError`; its path starts with one of these two. */
export function compileItems({ items, zip }: ItemsSource, format: Format): Items {
  const levels: CompiledLevel[] = []
  let scope: Scope = { names: new Set(), depth: 0 }
  const add = (compile: (scope: Scope) => CompiledLevel) => {
    const level = compile(scope)
    scope = scopeWithin(scope, level)
    levels.push(level)
  }
  const addLevel = (source: Level) => add(around => compileLevel(source, format, around))
  if (Array.isArray(items)) {
    for (const [index, source] of items.entries()) inPart('items', () => inPart(index, () => addLevel(source)))
  } else if (items !== undefined) inPart('items', () => addLevel(items as Level))
  if (zip !== undefined) inPart('zip', () => add(around => compileZip(zip, format, around)))
  // There is just one document for the outermost level to look at.
  const once = ({ cost }: LevelCost): LevelCost => ({ cost, absolute: false })
  return {
    scope,
    costs: levels.flatMap(({ costs }, depth) => (depth === 0 ? costs.map(once) : costs)),
    each: document => descend(document, documentItem(document), levels),
  }
}
