import type { Items } from '../options/items.ts'
import type { ItemsSource, Level } from '../query/items.ts'

type WrittenLevel = Exclude<Items, readonly unknown[]>

function level(written: WrittenLevel): Level {
  if (typeof written === 'string') return written
  const { path, key_regex, regex } = written
  if (regex !== undefined) return { regex }
  return key_regex === undefined ? (path ?? '') : { path: path ?? '', key_regex }
}

/** Items as the queries take them. */
export const itemsSource = (items: Items): NonNullable<ItemsSource['items']> =>
  Array.isArray(items) ? items.map(level) : level(items as WrittenLevel)
