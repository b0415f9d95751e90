import type { Format } from './document.ts'

const byType: readonly (readonly [RegExp, Format])[] = [
  [/^(?:application|text)\/json$|\+json$/, 'json'],
  [/^(?:application|text)\/xml$|\+xml$/, 'xml'],
  [/^text\//, 'text'],
]

const byFirstChar: Readonly<Record<string, Format>> = { '{': 'json', '[': 'json', '<': 'xml' }

/** The format that `auto` means: by the Content-Type, else by the first character that is not white space. */
export function detectFormat(contentType: string | undefined, octets: Uint8Array): Format {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const known = byType.find(([pattern]) => pattern.test(type))
  if (known !== undefined) return known[1]
  const start = new TextDecoder().decode(octets.subarray(0, 100)).trimStart()
  return byFirstChar[start[0] ?? ''] ?? 'text'
}

/** The charset that a Content-Type names. */
export function charsetOf(contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? '')?.[1]
}
