import { type Place, ServerConfigError } from './reading.ts'

export interface Token {
  readonly kind: 'word' | 'string' | ';' | '{' | '}' | 'end'
  readonly text: string
  readonly line: number
}

const escapes: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n', b: '\b' }

/** The text of a string, of which dhcpd's lexer allows octal, hexadecimal and a few named escapes. */
const withoutEscapes = (text: string): string =>
  text.replace(
    /\\(?:([0-3][0-7]{2})|x([\da-f]{2})|([\s\S]))/gi,
    (_all, octal?: string, hex?: string, other?: string) => {
      if (other !== undefined) return escapes[other] ?? other
      return String.fromCharCode(octal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(octal, 8))
    },
  )

const newline = 0x0a
const quote = 0x22
const hash = 0x23
const backslash = 0x5c
const marks = new Map([';', '{', '}'].map(mark => [mark.charCodeAt(0), mark as ';' | '{' | '}']))

const isSpace = (code: number): boolean => code <= 0x20
const isDelimiter = (code: number): boolean => isSpace(code) || code === quote || code === hash || marks.has(code)

/** Cuts dhcpd's grammar into tokens, one at a call. `next` throws `ServerConfigError` at a string without end. */
export function createTokens(text: string, file: string) {
  let at = 0
  let line = 1

  /** Passes over white space and comments. */
  function skipSpace(): void {
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === newline) line++
      else if (code === hash) {
        const end = text.indexOf('\n', at)
        at = (end === -1 ? text.length : end) - 1
      } else if (!isSpace(code)) return
    }
  }

  function readString(): Token {
    const token = { kind: 'string' as const, line }
    const start = ++at
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === quote) return { ...token, text: withoutEscapes(text.slice(start, at++)) }
      if (code === backslash) at++
      if (text.charCodeAt(at) === newline) line++
    }
    throw new ServerConfigError({ file, line: token.line }, 'a string without end')
  }

  function next(): Token {
    skipSpace()
    if (at >= text.length) return { kind: 'end', text: '', line }
    const code = text.charCodeAt(at)
    const mark = marks.get(code)
    if (mark !== undefined) {
      at++
      return { kind: mark, text: mark, line }
    }
    if (code === quote) return readString()
    const start = at
    while (at < text.length && !isDelimiter(text.charCodeAt(at))) at++
    return { kind: 'word', text: text.slice(start, at), line }
  }

  return { next, place: (token: Token): Place => ({ file, line: token.line }) }
}

export type Tokens = ReturnType<typeof createTokens>
