import { isDeepStrictEqual } from 'node:util'
import { familyOf, type Outcome } from './side-by-side.ts'
import type { Sent } from './targets.ts'

/** What sonde does otherwise than blackbox_exporter 0.23.0, on purpose. */
export interface Difference {
  /** What is documented, or why it is so. */
  readonly because: string
  /** Sonde's outcome as it would be without this difference. */
  readonly undo?: Undo
  /** The requests of both without what differs in them. */
  readonly sent?: Rewrite
}

type Rewrite = (sent: readonly Sent[]) => readonly Sent[]

type Undo = (sonde: Outcome, blackbox: Outcome) => Outcome

const without = (outcome: Outcome, families: readonly string[]): Outcome => {
  const keep = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).filter(([key]) => !families.includes(familyOf(key))))
  return { ...outcome, types: keep(outcome.types), series: keep(outcome.series) }
}

/** Families that sonde has and blackbox_exporter has not. */
export const more = (...families: readonly string[]): Undo => {
  return (sonde, blackbox) => {
    const unknown = families.filter(name => !(name in blackbox.types))
    return without(sonde, unknown)
  }
}

/** Families whose values are other ones, or that are there in one of the two alone. */
export const other = (...families: readonly string[]): Undo => {
  return (sonde, blackbox) => {
    const rest = Object.keys(blackbox.types).filter(name => !families.includes(name))
    const [mine, theirs] = [without(sonde, families), without(blackbox, rest)]
    return {
      status: sonde.status,
      types: { ...mine.types, ...theirs.types },
      series: { ...mine.series, ...theirs.series },
    }
  }
}

/** Requests without some lines of their headers. */
export const withoutLines = (lines: RegExp): Rewrite => {
  return sent => sent.map(request => ({ ...request, headers: request.headers.filter(line => !lines.test(line)) }))
}

/** What came of a question: the metrics, and what the servers were asked. */
export interface Told {
  readonly outcome: Outcome
  readonly sent: readonly Sent[]
}

/** Both sides without some differences, and the names of those that were there. */
export function undoDifferences(
  told: { readonly blackbox: Told; readonly sonde: Told },
  differences: Readonly<Record<string, Difference>>,
) {
  const used: string[] = []
  let { blackbox, sonde } = told
  for (const [name, { undo, sent }] of Object.entries(differences)) {
    const before = { blackbox, sonde }
    if (undo !== undefined) sonde = { ...sonde, outcome: undo(sonde.outcome, blackbox.outcome) }
    if (sent !== undefined) {
      blackbox = { ...blackbox, sent: sent(blackbox.sent) }
      sonde = { ...sonde, sent: sent(sonde.sent) }
    }
    if (!isDeepStrictEqual({ blackbox, sonde }, before)) used.push(name)
  }
  return { blackbox, sonde, used }
}
