import { readFileSync } from 'node:fs'

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/dns/${name}.json`, import.meta.url), 'utf8'))

export interface Captured {
  readonly label: string
  readonly query: string
  readonly answer?: string
  readonly rcode: number
  readonly tc?: boolean
  readonly ad?: boolean
  readonly aa?: boolean
  readonly counts?: readonly [number, number, number]
  readonly answerText?: readonly string[]
  readonly edns?: {
    readonly size: number
    readonly do: boolean
    readonly options: readonly { readonly code: number; readonly hex: string }[]
  }
}

/** Pairs of query and answer as named and unbound sent them. */
export const captured: readonly Captured[] = fixture('answers')

/** Record texts as miekg/dns 0.23.0's blackbox_exporter matched them. */
export const miekgTexts: readonly string[] = fixture('miekg-strings')

export interface Hostile {
  readonly label: string
  readonly strictReader: string
  readonly hex: string
}

/** Broken messages, and the reason for which they must be refused, or `accepted`. */
export const hostile: readonly Hostile[] = fixture('hostile')

export const answers: readonly (readonly [label: string, answer: Buffer, captured: Captured])[] = captured.flatMap(
  pair => (pair.answer === undefined ? [] : [[pair.label, Buffer.from(pair.answer, 'hex'), pair] as const]),
)
