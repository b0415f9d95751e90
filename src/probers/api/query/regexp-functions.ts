import { compilePattern, type Pattern } from '../../../kit/regexp.ts'

/** A pattern that a document gives must not cost much to compile. */
const maxPatternOfDocument = 256

/** As much as it may cost to run: RE2 repeats nothing more than 1000 times. */
export const costOfDocumentPattern = maxPatternOfDocument * 1000

const maxKnown = 1000

/** Writes an I-Regexp (RFC 9485) as RE2: its dot does not match a carriage return either. */
const toRe2 = (source: string) =>
  source.replace(/\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]?|\./g, part => (part === '.' ? '[^\\n\\r]' : part))

/** Compiles a pattern of `match` and `search`; all of RE2 will do. Throws an Error that says what is wrong. */
export const compileRegexp = (source: string): Pattern => compilePattern(toRe2(source))

const known = new Map<string, Pattern | undefined>()

/** The pattern that a document gives; `undefined` for none, which matches nothing (2.4.6 of RFC 9535). */
function patternOfDocument(source: string): Pattern | undefined {
  if (source.length > maxPatternOfDocument) return undefined
  if (known.has(source)) return known.get(source)
  if (known.size >= maxKnown) known.clear()
  known.set(source, undefined)
  try {
    known.set(source, compileRegexp(source))
  } catch {
    // It stays undefined.
  }
  return known.get(source)
}

/** JSON holds no functions, so that nothing of a document passes for a pattern. */
const isPattern = (value: unknown): value is Pattern =>
  typeof value === 'object' && value !== null && 'testWhole' in value && typeof value.testWhole === 'function'

const testBy = (how: 'test' | 'testWhole') => (text: unknown, pattern: unknown) => {
  if (typeof text !== 'string') return false
  if (typeof pattern === 'string') return patternOfDocument(pattern)?.[how](text) ?? false
  return isPattern(pattern) && pattern[how](text)
}

/** `match` of RFC 9535, in linear time. The pattern is a compiled one, or text of a document. */
export const match = testBy('testWhole')

/** `search` of RFC 9535. */
export const search = testBy('test')
