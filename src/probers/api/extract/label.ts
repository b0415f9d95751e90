import { safeText } from '../../../kit/text.ts'
import type { LabelOptions } from '../options/value.ts'
import type { Item } from '../query/query.ts'
import type { Deferred } from './answer.ts'
import { type Compiler, extractText, findText, type Path, type Place, timesOf, type Visit } from './compiler.ts'
import { maxText } from './text.ts'

export type LabelReader = (visit: Visit, item: Item) => string | Deferred

/** The text of a label: what a target chose is made fit for one. */
export const labelText = (text: string): string => safeText(text, maxText)

/** Compiles a label: its pattern, `lower`, `map` and lookup apply in this order. */
export function compileLabel(written: string | LabelOptions, compiler: Compiler, at: Path, place: Place): LabelReader {
  if (typeof written === 'string') {
    if (!written.includes('{')) return () => written
    const text = compiler.template(written, at, place)
    return (visit, item) => labelText(text(visit, item))
  }
  const query = compiler.query(written.path, [...at, 'path'], place)
  const pattern =
    written.regex === undefined ? undefined : compiler.pattern(written.regex, [...at, 'regex'], timesOf(query, place))
  const { map, lookup, default: fallback = '' } = written
  const read = (visit: Visit, item: Item): string | undefined => {
    const found = findText(query, visit, item)
    const part = found === undefined || pattern === undefined ? found : extractText(pattern, found)
    const text = written.lower ? part?.toLowerCase() : part
    if (text === undefined || map === undefined) return text
    return Object.hasOwn(map, text) ? map[text] : (written.default ?? text)
  }
  return (visit, item) => {
    const text = read(visit, item)
    if (text === undefined) return fallback
    return lookup === undefined ? labelText(text) : { lookup, key: text.slice(0, maxText), fallback }
  }
}
