import { RE2JS, RE2JSException } from 're2js'

/** A place where a pattern occurs. */
export interface Occurrence {
  readonly text: string
  /** What its groups hold, from the first one on; `undefined` for one that took no part. */
  readonly groups: readonly (string | undefined)[]
}

/** A compiled RE2 pattern: linear time, so no pattern can hang the process on any input. */
export interface Pattern {
  readonly source: string
  /** The instructions of its program, counted repetitions written out: its time is up to this, times the text's length. */
  readonly cost: number
  /** Whether the pattern occurs anywhere in the text (unanchored, as in Go). Octets are read as UTF-8. */
  test(input: string | Uint8Array): boolean
  /** Whether it matches the text from its start to its end. */
  testWhole(input: string): boolean
  /** The names of its groups, with their numbers from 1. */
  readonly names: ReadonlyMap<string, number>
  /** Every occurrence, one after another. */
  occurrences(input: string): Iterable<Occurrence>
}

function* occurrences(compiled: RE2JS, input: string): Iterable<Occurrence> {
  const matcher = compiled.matcher(input)
  const numbers = Array.from({ length: compiled.groupCount() }, (_, index) => index + 1)
  while (matcher.find()) {
    yield { text: matcher.group() ?? '', groups: numbers.map(number => matcher.group(number) ?? undefined) }
  }
}

/** Compiles RE2 syntax (https://github.com/google/re2/wiki/Syntax). Throws an Error that says what is wrong. */
export function compilePattern(source: string): Pattern {
  try {
    const compiled = RE2JS.compile(source)
    return Object.freeze({
      source,
      cost: compiled.programSize(),
      test: (input: string | Uint8Array) => compiled.test(input),
      testWhole: (input: string) => compiled.testExact(input),
      names: new Map(Object.entries(compiled.namedGroups())),
      occurrences: (input: string) => occurrences(compiled, input),
      toJSON: () => source,
    })
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    throw new Error(error.message.replace(/^error parsing regexp: /, ''), { cause: error })
  }
}
