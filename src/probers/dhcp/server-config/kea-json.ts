import { dirname, resolve } from 'node:path'
import { type Place, type Reading, readFile, ServerConfigError, type Stack } from './reading.ts'

/** A value with the place where it stands, as a fault in it is told by that. */
export interface Node {
  readonly place: Place
  readonly value: string | number | boolean | null | readonly Node[] | ReadonlyMap<string, Node>
}

interface Token {
  readonly kind: '{' | '}' | '[' | ']' | ':' | ',' | 'scalar' | 'end'
  readonly value: string | number | boolean | null
  readonly place: Place
}

/** A file that is being read: one that another includes stands before its rest. */
interface Source {
  readonly text: string
  readonly file: string
  at: number
  line: number
}

const tokensBetweenPauses = 500
const maxNesting = 64

const pattern =
  /\s+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|<\?include\s*"([^"\n]*)"\s*\?>|([{}[\]:,])|("[^"\\\n]*(?:\\.[^"\\\n]*)*"|true|false|null|-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.])/y

function parseScalar(text: string, place: Place): string | number | boolean | null {
  // Kea takes 010 and 1. as well.
  if (/^[-.\d]/.test(text)) return Number(text)
  try {
    return JSON.parse(text)
  } catch {
    throw new ServerConfigError(place, 'expected JSON')
  }
}

/** Cuts the text into tokens; an include is replaced by those of its file, wherever it stands, as Kea does it. */
class Tokens {
  readonly #sources: Source[]

  constructor(text: string, file: string) {
    this.#sources = [{ text, file, at: 0, line: 1 }]
  }

  get #stack(): Stack {
    return this.#sources.map(({ file }) => file)
  }

  *next(): Reading<Token> {
    for (let read = 1; ; read++) {
      const source = this.#sources.at(-1) as Source
      const place = { file: source.file, line: source.line }
      if (source.at === source.text.length) {
        if (this.#sources.length === 1) return { kind: 'end', value: null, place }
        this.#sources.pop()
        continue
      }
      pattern.lastIndex = source.at
      const match = pattern.exec(source.text)
      if (match === null) throw new ServerConfigError(place, 'expected JSON')
      const [all, include, mark, scalar] = match
      source.at += all.length
      for (let i = all.indexOf('\n'); i !== -1; i = all.indexOf('\n', i + 1)) source.line++
      if (mark !== undefined) return { kind: mark as ',', value: null, place }
      if (scalar !== undefined) return { kind: 'scalar', value: parseScalar(scalar, place), place }
      if (include !== undefined) yield* this.#include(include, place)
      if (read % tokensBetweenPauses === 0) yield 'pause'
    }
  }

  *#include(name: string, place: Place): Reading<void> {
    const path = resolve(dirname(place.file), name)
    const text = yield* readFile(path, this.#stack, place)
    this.#sources.push({ text, file: path, at: 0, line: 1 })
  }
}

/** A map or list whose end was not read yet. */
interface Open {
  readonly place: Place
  readonly members: Map<string, Node> | Node[]
  key: string
  expects: 'key' | 'colon' | 'value' | 'comma'
}

const isMap = ({ members }: Open): boolean => members instanceof Map

/** Kea takes a comma behind another one, and before the end. */
const isExtraComma = ({ expects, members }: Open, kind: Token['kind']): boolean =>
  kind === ',' &&
  (members instanceof Map ? expects === 'key' && members.size > 0 : expects === 'value' && members.length > 0)

/** Puts whole values into the maps and lists that are open. */
class Builder {
  readonly #open: Open[] = []
  root: Node | undefined

  take(token: Token): void {
    const open = this.#open.at(-1)
    if (open !== undefined && isExtraComma(open, token.kind)) return
    if (token.kind === '}' || token.kind === ']') this.#close(token.kind, token.place)
    else if (open === undefined ? this.root === undefined : open.expects === 'value') this.#takeValue(token)
    else if (open === undefined) throw new ServerConfigError(token.place, 'expected the end')
    else this.#step(open, token)
  }

  #takeValue({ kind, value, place }: Token): void {
    if (kind === 'scalar') {
      this.#put({ place, value })
      return
    }
    if (kind !== '{' && kind !== '[') throw new ServerConfigError(place, 'expected a value')
    if (this.#open.length === maxNesting) throw new ServerConfigError(place, `nested deeper than ${maxNesting}`)
    const [members, expects] = kind === '{' ? [new Map<string, Node>(), 'key' as const] : [[], 'value' as const]
    this.#open.push({ place, members, key: '', expects })
  }

  #step(open: Open, { kind, value, place }: Token): void {
    if (open.expects === 'key') {
      if (typeof value !== 'string') throw new ServerConfigError(place, 'expected a key')
      open.key = value
      open.expects = 'colon'
    } else if (open.expects === 'colon') {
      if (kind !== ':') throw new ServerConfigError(place, 'expected a colon')
      open.expects = 'value'
    } else {
      if (kind !== ',') throw new ServerConfigError(place, 'expected a comma')
      open.expects = isMap(open) ? 'key' : 'value'
    }
  }

  #close(kind: '}' | ']', place: Place): void {
    const open = this.#open.pop()
    const isFit = open !== undefined && isMap(open) === (kind === '}')
    if (!isFit || open.expects === 'colon' || (isMap(open) && open.expects === 'value')) {
      throw new ServerConfigError(place, 'a closing bracket that does not belong there')
    }
    this.#put({ place: open.place, value: open.members })
  }

  #put(node: Node): void {
    const open = this.#open.at(-1)
    if (open === undefined) this.root = node
    else if (open.members instanceof Map) open.members.set(open.key, node)
    else open.members.push(node)
    if (open !== undefined) open.expects = 'comma'
  }
}

/** Reads Kea's JSON: with the comments of shell, C and C++, commas too many, and included files. */
export function* readKeaJson(path: string): Reading<Node> {
  const text = yield* readFile(path, [], { file: path, line: 1 })
  const tokens = new Tokens(text, path)
  const builder = new Builder()
  for (let read = 1; ; read++) {
    const token = yield* tokens.next()
    if (token.kind === 'end' && builder.root !== undefined) return builder.root
    if (token.kind === 'end') throw new ServerConfigError(token.place, 'the end comes too early')
    builder.take(token)
    if (read % tokensBetweenPauses === 0) yield 'pause'
  }
}
