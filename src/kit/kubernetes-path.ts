/** A template that cannot be translated. */
export class KubernetesPathError extends Error {
  override readonly name = 'KubernetesPathError'
  /** Where in the template, from 1. */
  readonly column: number

  constructor(message: string, column: number) {
    super(message)
    this.column = column
  }
}

/** A piece of a template: text as it stands, or a path in braces, as RFC 9535 with `.` for the item it starts at. */
export type KubernetesPart = { readonly text: string } | { readonly path: string }

const space = /\s*/y
const recursive = /\.\.(?=[\w[*.\p{L}])/uy
const field = /(?:\\.|[^\s.,[\]$@{}\\])+/y
const bracket = /\[([^\]]*)\]/y
const filterStart = /\[\?\(/y
const quoted = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y
const slice = /^-?\d*(?::-?\d*){0,2}$/
const dictKey = /^'([^']*)'$/
const comparison = /^([^!<>=]+?)\s*([!<>=~]+)\s*(.+)$/s
const shorthand = /^[\p{L}_][\p{L}\p{N}_]*$/u

/** Reads one action after the other from a template. */
interface Reader {
  readonly text: string
  at: number
}

const fail = (message: string, { at }: Reader): never => {
  throw new KubernetesPathError(message, at + 1)
}

function take(pattern: RegExp, reader: Reader): RegExpExecArray | undefined {
  pattern.lastIndex = reader.at
  const match = pattern.exec(reader.text) ?? undefined
  if (match !== undefined) reader.at = pattern.lastIndex
  return match
}

const quote = (text: string) => (/^[^'\\\p{Cc}]*$/u.test(text) ? `'${text}'` : JSON.stringify(text))

const member = (name: string) => (shorthand.test(name) ? `.${name}` : `[${quote(name)}]`)

const unescaped = (text: string) => text.replace(/\\(.)/gs, '$1')

/** What may stand between brackets. In this dialect dots in a quoted key divide it, if they are not escaped. */
function selectors(inner: string, reader: Reader): string {
  if (inner.trim() === '*') return '[*]'
  const parts = inner.split(',').map(part => part.trim())
  const names = parts.map(part => dictKey.exec(part)?.[1])
  if (parts.length === 1 && names[0] !== undefined) return segments({ text: `.${names[0]}`, at: 0 })
  const written = parts.map((part, index) => {
    const name = names[index]
    if (name !== undefined && !/(?<!\\)\./.test(name)) return quote(unescaped(name))
    if (part === '' || !slice.test(part)) {
      fail(`expected an index, a slice or a key in single quotes between brackets: ${part}`, reader)
    }
    return part
  })
  return `[${written.join(',')}]`
}

/** An operand of a comparison: a path from the element, or a literal. */
function operand(source: string, reader: Reader): string {
  const text = source.trim()
  if (/^(?:true|false|[+-]?\d+(?:\.\d+)?)$/.test(text)) return text.replace(/^\+/, '')
  quoted.lastIndex = 0
  if (quoted.test(text) && quoted.lastIndex === text.length) return JSON.stringify(unescaped(text.slice(1, -1)))
  if (!/^[@$.]/.test(text)) fail(`expected a path, a text in quotes or a number: ${text}`, reader)
  return `@${segments({ text, at: 0 })}`
}

function filter(reader: Reader): string {
  const start = reader.at
  while (reader.at < reader.text.length && reader.text[reader.at] !== ')') {
    if (take(quoted, reader) === undefined) reader.at++
  }
  const inner = reader.text.slice(start, reader.at)
  if (!reader.text.startsWith(')]', reader.at)) fail('expected )] at the end of a filter', reader)
  const [, left, operator, right] = comparison.exec(inner) ?? []
  reader.at += 2
  if (left === undefined || operator === undefined || right === undefined) return `[?${operand(inner, reader)}]`
  if (operator === '=~') fail('=~ is not supported: write match() or search() of RFC 9535, without braces', reader)
  if (!/^(?:[=!]=|[<>]=?)$/.test(operator)) fail(`unknown operator ${operator}`, reader)
  return `[?${operand(left, reader)} ${operator} ${operand(right, reader)}]`
}

function segment(reader: Reader): string {
  if (take(filterStart, reader)) return filter(reader)
  const brackets = take(bracket, reader)
  if (brackets) return selectors(brackets[1] ?? '', reader)
  if (reader.text[reader.at] === '.') {
    reader.at++
    const name = take(field, reader)?.[0]
    if (name === undefined) return ''
    return name === '*' ? '.*' : member(unescaped(name))
  }
  const word = take(field, reader)?.[0] ?? ''
  if (word === 'range' || word === 'end') {
    return fail('{range} is not supported: make series of a list with items', reader)
  }
  if (word.startsWith('"') || word.startsWith("'")) return fail('text in quotes is not supported', reader)
  return fail('expected a path such as {.a.b}', reader)
}

/** Translates what stands in braces up to the closing one, or all of it; `$` and `@` are the item and may be left out. */
function segments(reader: Reader): string {
  let path = ''
  for (take(space, reader); reader.at < reader.text.length && reader.text[reader.at] !== '}'; take(space, reader)) {
    if (reader.text[reader.at] === '@' || reader.text[reader.at] === '$') reader.at++
    else if (take(recursive, reader)) {
      const name = take(field, reader)?.[0]
      const next = name === undefined ? segment(reader) : name === '*' ? '*' : member(unescaped(name))
      path += `..${next.replace(/^\./, '')}`
    } else path += segment(reader)
  }
  return path
}

function action(reader: Reader): KubernetesPart {
  reader.at++
  const path = segments(reader)
  if (reader.at === reader.text.length) fail('expected }', reader)
  reader.at++
  return { path: path === '' ? '.' : path.replace(/^(?=\[)/, '.') }
}

/**
 * Reads a template of Kubernetes' JSONPath (https://kubernetes.io/docs/reference/kubectl/jsonpath/), as json_exporter
 * has them: text with paths in braces. Throws `KubernetesPathError` for what RFC 9535 does not have: `{range}`, texts in
 * quotes, `=~`.
 */
export function parseKubernetesTemplate(template: string): readonly KubernetesPart[] {
  const parts: KubernetesPart[] = []
  const reader = { text: template, at: 0 }
  while (reader.at < template.length) {
    const open = template.indexOf('{', reader.at)
    const end = open === -1 ? template.length : open
    if (end > reader.at) parts.push({ text: template.slice(reader.at, end) })
    reader.at = end
    if (open !== -1) parts.push(action(reader))
  }
  return parts
}
