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

const pattern = /[\s\0]+|#[^\n]*|([;{}])|"([^"\\]*(?:\\[\s\S][^"\\]*)*)"|([^\s\0;{}"#]+)/y

const linesIn = (text: string): number => {
  let lines = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

/** Cuts dhcpd's grammar into tokens, one at a call. `next` throws `ServerConfigError` at a string without end. */
export function createTokens(text: string, file: string) {
  let at = 0
  let line = 1

  function next(): Token {
    while (at < text.length) {
      pattern.lastIndex = at
      const match = pattern.exec(text)
      if (match === null) throw new ServerConfigError({ file, line }, 'a string without end')
      const [all, mark, string, word] = match
      const token = { line }
      at += all.length
      line += linesIn(all)
      if (mark !== undefined) return { ...token, kind: mark as ';' | '{' | '}', text: mark }
      if (string !== undefined) return { ...token, kind: 'string', text: withoutEscapes(string) }
      if (word !== undefined) return { ...token, kind: 'word', text: word }
    }
    return { kind: 'end', text: '', line }
  }

  return { next, place: (token: Token): Place => ({ file, line: token.line }) }
}

export type Tokens = ReturnType<typeof createTokens>
