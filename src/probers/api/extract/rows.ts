import type { MetricOptions } from '../options/metric.ts'
import type { Counts, ExtractReason, Row } from './answer.ts'

/** Counts what went wrong. */
export function createCounts() {
  const counts: Partial<Record<ExtractReason, number>> = {}
  return {
    add(reason: ExtractReason, by = 1) {
      if (by > 0) counts[reason] = (counts[reason] ?? 0) + by
    },
    get: (): Counts => counts,
  }
}

export type Counter = ReturnType<typeof createCounts>

/** How many more series there may be, and how much text in their labels. */
export interface Room {
  left: number
  textLeft: number
}

/** 10,000 series of 800 characters each; with more, a target could make an answer of hundreds of MB. */
const maxLabelText = 8 * 2 ** 20

export const createRoom = (maxSeries: number): Room => ({ left: maxSeries, textLeft: maxLabelText })

/** Series by their labels. What comes twice is dealt with as `onDuplicate` says, what there is no room for is counted. */
export function createRows<R extends Pick<Row, 'family' | 'labels' | 'value'>>(room: Room) {
  const rows = new Map<string, R>()
  return {
    add(row: R, onDuplicate: MetricOptions['on_duplicate'], counts: Counter) {
      const key = JSON.stringify([row.family, row.labels])
      const known = rows.get(key)
      if (known === undefined) {
        if (room.left <= 0 || room.textLeft < key.length) return counts.add('limit')
        room.left--
        room.textLeft -= key.length
        rows.set(key, row)
      } else if (onDuplicate === 'sum') rows.set(key, { ...known, value: known.value + row.value })
      else {
        counts.add('duplicate')
        if (onDuplicate === 'last') rows.set(key, row)
      }
    },
    get: (): readonly R[] => [...rows.values()],
  }
}
