import type { LookupOptions } from '../options/section.ts'
import { QueryFault } from '../query/query.ts'
import { type Compiler, findText, type Visit } from './compiler.ts'
import { itemsSource } from './items-source.ts'
import { labelText } from './label.ts'
import type { NamedPlaced } from './spec.ts'
import { maxText } from './text.ts'

/** More rows than this are not looked at. */
const maxRows = 100_000

/** Compiles a lookup: what it makes of an answer is a table; of two rows with the same key, the first one counts. */
export function compileLookup({ name, written, at }: NamedPlaced<LookupOptions>, compiler: Compiler) {
  const compiled = compiler.items({ items: itemsSource(written.items) }, { items: [...at, 'items'] }, maxRows)
  if (compiled === undefined) return (): [string, Map<string, string>] => [name, new Map()]
  const { items, place } = compiled
  const key = compiler.query(written.key, [...at, 'key'], place)
  const value = compiler.query(written.value, [...at, 'value'], place)

  function fill(visit: Visit, table: Map<string, string>): void {
    for (const item of items.each(visit.document)) {
      if (table.size >= maxRows) return
      const from = findText(key, visit, item)?.slice(0, maxText)
      const to = from === undefined || table.has(from) ? undefined : findText(value, visit, item)
      if (from !== undefined && to !== undefined) table.set(from, labelText(to))
    }
  }

  return (visit: Visit): [string, Map<string, string>] => {
    const table = new Map<string, string>()
    try {
      fill(visit, table)
    } catch (error) {
      if (!(error instanceof QueryFault)) throw error
    }
    return [name, table]
  }
}
