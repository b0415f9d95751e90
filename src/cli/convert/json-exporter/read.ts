import type { Path } from '../../../config/yaml.ts'
import type { Findings } from '../finding.ts'

export type Members = Readonly<Record<string, unknown>>

/** A map; whatever else stands there is as good as nothing. */
export const mapOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The text that Go reads where it wants one; empty for nothing. */
export const textOf = (value: unknown): string => (value === undefined || value === null ? '' : String(value))

/** Text as a template of sonde that stands for it. */
export const literal = (text: string): string => text.replaceAll('{{', '{{"{{"}}')

/** A boolean as yaml.v3 reads it where Go wants one. */
export const isTrue = (value: unknown): boolean => /^(?:true|yes|on|y)$/i.test(textOf(value))

/** Tells of the keys that json_exporter does not know: it passes over them. */
export function noteUnknown(value: Members, known: readonly string[], path: Path, findings: Findings): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue
    const meant = known.find(name => name === key.toLowerCase())
    const hint = meant === undefined ? '' : `, which reads ${meant}`
    findings.note([...path, key], `${key} has no effect in json_exporter${hint}; left out`)
  }
}

/** A map without the members that are undefined. */
export const compact = (value: Members): Members =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))
