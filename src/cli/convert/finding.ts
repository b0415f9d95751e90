import type { Document, Path } from '../../config/yaml.ts'

/** Something to tell about a place of the file that is converted. */
export interface Finding {
  readonly path: Path
  readonly message: string
  /** Whether something is missing in the result; else it is just something to know. */
  readonly isLoss: boolean
}

/** What a conversion tells as it goes. */
export interface Findings {
  /** What could not be carried over. */
  lost(path: Path, message: string): void
  /** What differs, or is left out as it had no effect. */
  note(path: Path, message: string): void
}

/** What came out of a conversion. */
export interface Converted {
  /** The modules file. */
  readonly value: unknown
  readonly findings: readonly Finding[]
}

/** A finding as one line, in the order of the file. */
export function printFindings(findings: readonly Finding[], { position }: Document, file: string): readonly string[] {
  return findings
    .map(finding => ({ ...finding, ...position(finding.path) }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .map(({ line, column, isLoss, message }) => `${file}:${line}:${column}: ${isLoss ? 'lost' : 'note'}: ${message}`)
}
