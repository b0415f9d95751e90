import { RE2JS, RE2JSException } from 're2js'

/** A compiled RE2 pattern: linear time, so no pattern can hang the process on any input. */
export interface Pattern {
  readonly source: string
  /** The instructions of its program, counted repetitions written out: its time is up to this, times the text's length. */
  readonly cost: number
  /** Whether the pattern occurs anywhere in the text (unanchored, as in Go). Octets are read as UTF-8. */
  test(input: string | Uint8Array): boolean
}

/** Compiles RE2 syntax (https://github.com/google/re2/wiki/Syntax). Throws an Error that says what is wrong. */
export function compilePattern(source: string): Pattern {
  try {
    const compiled = RE2JS.compile(source)
    return Object.freeze({
      source,
      cost: compiled.programSize(),
      test: (input: string | Uint8Array) => compiled.test(input),
      toJSON: () => source,
    })
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    throw new Error(error.message.replace(/^error parsing regexp: /, ''), { cause: error })
  }
}
