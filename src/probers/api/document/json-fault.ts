export interface JsonFault {
  readonly offset: number
  readonly message: string
}

const names = {
  value: 'expected a value',
  'value or ]': 'expected a value or ]',
  key: 'expected a member name in quotes',
  'key or }': 'expected a member name in quotes or }',
  colon: 'expected :',
  comma: 'expected , or a closing bracket',
  end: 'expected nothing more',
} as const

type Expected = keyof typeof names

const space = /[ \t\n\r]*/y
const scalar = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a string may not hold
const plain = /[^"\\\u0000-\u001f]*/y
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/** Where a sticky pattern ends that starts at `at`; -1 when it does not match there. */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : -1
}

/** Where the string ends that starts at `at`, or what is wrong with it. */
function skipString(text: string, at: number): number | JsonFault {
  for (let next = skip(plain, text, at + 1); ; next = skip(plain, text, next)) {
    const offset = next
    if (next === text.length) return { offset, message: 'the body ends within a string' }
    if (text[next] === '"') return next + 1
    if (text[next] !== '\\') return { offset, message: 'a control character in a string' }
    next = skip(escaped, text, offset)
    if (next === -1) return { offset, message: 'a bad escape in a string' }
  }
}

function skipToken(text: string, at: number): number | JsonFault {
  const char = text[at] ?? ''
  if (char === '"') return skipString(text, at)
  return '{}[]:,'.includes(char) ? at + 1 : skip(scalar, text, at)
}

/** What is expected after a token that starts with `char`; `undefined` when the token itself was not. */
function follow(expected: Expected, char: string, open: string[]): Expected | undefined {
  const afterValue = () => (open.length === 0 ? 'end' : 'comma')
  if (char === open.at(-1) && (expected === 'comma' || expected.endsWith(char))) {
    open.pop()
    return afterValue()
  }
  switch (expected) {
    case 'value':
    case 'value or ]':
      if (char === '{' || char === '[') open.push(char === '{' ? '}' : ']')
      if (char === '{') return 'key or }'
      if (char === '[') return 'value or ]'
      return ':,]}'.includes(char) ? undefined : afterValue()
    case 'key':
    case 'key or }':
      return char === '"' ? 'colon' : undefined
    case 'colon':
      return char === ':' ? 'value' : undefined
    case 'comma':
      if (char !== ',') return undefined
      return open.at(-1) === '}' ? 'key' : 'value'
    case 'end':
      return undefined
  }
}

/** Finds the first place where a text that is not JSON (RFC 8259) ceases to be. Its words do not quote the text. */
export function findJsonFault(text: string): JsonFault {
  const open: string[] = []
  let expected: Expected = 'value'
  for (let offset = skip(space, text, 0); ; offset = skip(space, text, offset)) {
    const looks = text[offset] === '<' ? ', this looks like HTML or XML,' : ''
    const fault = { offset, message: `${names[expected]}${looks}` }
    if (offset === text.length) return { offset, message: `the body ends too early, ${names[expected]}` }
    const next = follow(expected, text[offset] ?? '', open)
    if (next === undefined) return fault
    const end = skipToken(text, offset)
    if (typeof end !== 'number') return end
    if (end === -1) return fault
    offset = end
    expected = next
  }
}
