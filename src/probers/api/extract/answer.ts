import type { Format } from '../document/document.ts'

/** What is known of an answer beside its body; for a file, its size alone. */
export interface Meta {
  readonly statusCode?: number | undefined
  readonly durationSeconds?: number | undefined
  readonly sizeBytes?: number | undefined
  /** Unix time. */
  readonly tlsNotAfterSeconds?: number | undefined
  /** Values by lower-case name. */
  readonly headers?: ReadonlyMap<string, readonly string[]> | undefined
}

/** An answer that is to be read. */
export interface Answer {
  /** May be gone afterwards: they go over into a thread. */
  readonly octets: Uint8Array
  readonly format: Format
  /** Of its Content-Type. */
  readonly charset?: string | undefined
  readonly meta: Meta
  /** The instant that ages are counted to. */
  readonly nowMs: number
}

/** A label that is known when all answers are there: `key` stands for something in a lookup. */
export interface Deferred {
  readonly lookup: string
  readonly key: string
  readonly fallback: string
}

/** A series, as one answer gives it: plain data. */
export interface Row {
  /** Its place in `Extraction.families`. */
  readonly family: number
  /** In the order of the family's labels. */
  readonly labels: readonly (string | Deferred)[]
  readonly value: number
  /** Unix milliseconds. */
  readonly atMs?: number | undefined
}

/** Why a series is not there, or not as it should be. */
export const extractReasons = ['missing', 'not_a_number', 'unknown_state', 'duplicate', 'limit'] as const

export type ExtractReason = (typeof extractReasons)[number]

export type Counts = Readonly<Partial<Record<ExtractReason, number>>>

/** What one entry of `metrics`, or one of its variants, makes of one answer. */
export interface EntryResult {
  readonly entry: number
  readonly variant: number
  readonly rows: readonly Row[]
  readonly counts: Counts
}

export interface CheckResult {
  /** A check of a request may have none: it is not told. */
  readonly name: string | undefined
  readonly severity: 'critical' | 'warning'
  readonly passed: boolean
  /** Why not. */
  readonly message: string
}

/** What was made of one answer: plain data, of bounded size. */
export interface DocumentResult {
  /** Why the request has failed; then there is nothing but conditions. `check` is one of these. */
  readonly fault?: { readonly reason: 'parse' | 'check' | 'too_large'; readonly message: string } | undefined
  /** What `extract` found, by name; a name is missing where nothing was found. */
  readonly extracted: Readonly<Record<string, string>>
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly entries: readonly EntryResult[]
  /** Those under `requests`. */
  readonly conditions: readonly CheckResult[]
  /** Those of the module. */
  readonly checks: readonly CheckResult[]
}

/** What is made of an answer that is no good. */
export const faulty = (
  reason: NonNullable<DocumentResult['fault']>['reason'],
  message: string,
  conditions: readonly CheckResult[] = [],
): DocumentResult => ({
  fault: { reason, message },
  extracted: {},
  tables: new Map(),
  entries: [],
  conditions,
  checks: [],
})
