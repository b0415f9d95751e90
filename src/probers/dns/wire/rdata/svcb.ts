import { badRdata, type Field, numberOctets } from './field.ts'
import { base64, type Form, ipv4Form, ipv6Form } from './forms.ts'
import { escaping } from './print.ts'
import { expected, stringOctets } from './words.ts'

interface Key extends Form {
  readonly name: string
  readonly isValid: (value: Buffer) => boolean
}

const plainText = escaping('"; \\')
const plain: Form = { print: plainText, parse: stringOctets }

/** A key whose value is there by being empty. */
const flag = (name: string): Key => ({
  name,
  isValid: value => value.length === 0,
  print: () => '',
  parse(text) {
    if (text !== '') throw expected('no value', text)
    return Buffer.alloc(0)
  },
})

/** A key whose value is a list of equally long items. */
const list = (name: string, bytes: number, { print, parse }: Form): Key => ({
  name,
  isValid: value => value.length > 0 && value.length % bytes === 0,
  print: value =>
    Array.from({ length: value.length / bytes }, (_, index) => value.subarray(index * bytes, (index + 1) * bytes))
      .map(print)
      .join(','),
  parse: text => Buffer.concat(text.split(',').map(parse)),
})

/** The identifiers of an `alpn` value, or undefined when it is malformed. */
function protocols(value: Buffer): readonly Buffer[] | undefined {
  const found: Buffer[] = []
  for (let at = 0; at < value.length; ) {
    const end = at + 1 + (value[at] ?? 0)
    if (end > value.length || end === at + 1) return undefined
    found.push(value.subarray(at + 1, end))
    at = end
  }
  return found.length > 0 ? found : undefined
}

// Commas and backslashes inside an identifier are escaped twice (RFC 9460, appendix A.1).
const protocol = (octets: Buffer) =>
  plainText(octets).replace(/\\\\|,/g, found => (found === ',' ? '\\\\\\044' : '\\\\\\092'))

function parseProtocols(text: string): Buffer {
  const octets = stringOctets(text).toString('latin1')
  const found = octets.match(/(?:[^\\,]|\\.)+/gs) ?? []
  if (found.join(',') !== octets || found.length === 0) throw expected('protocols with commas between them', text)
  return Buffer.concat(
    found.map(item => {
      const id = Buffer.from(item.replace(/\\(.)/gs, '$1'), 'latin1')
      if (id.length > 255) throw expected('protocols of at most 255 octets', text)
      return Buffer.concat([Buffer.from([id.length]), id])
    }),
  )
}

const keyForm: Form = {
  print: value => keyName(value.readUInt16BE()),
  parse: text => numberOctets(keyCode(text), 2),
}

const keyList = list('mandatory', 2, keyForm)

const portForm: Form = {
  print: value => String(value.readUInt16BE()),
  parse(text) {
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw expected('a port', text)
    return numberOctets(Number(text), 2)
  },
}

const keys = new Map<number, Key>([
  // In rising order, whatever order they are written in (RFC 9460, 8).
  [0, { ...keyList, parse: text => Buffer.concat(text.split(',').map(keyForm.parse).sort(Buffer.compare)) }],
  [
    1,
    {
      name: 'alpn',
      isValid: value => protocols(value) !== undefined,
      print: value => (protocols(value) ?? []).map(protocol).join(','),
      parse: parseProtocols,
    },
  ],
  [2, flag('no-default-alpn')],
  [3, { name: 'port', isValid: value => value.length === 2, ...portForm }],
  [4, list('ipv4hint', 4, ipv4Form)],
  [5, { name: 'ech', isValid: () => true, ...base64 }],
  [6, list('ipv6hint', 16, ipv6Form)],
  [7, { name: 'dohpath', isValid: () => true, ...plain }],
  [8, flag('ohttp')],
])

const keyCodes = new Map([...keys].map(([code, { name }]) => [name, code]))
const invalidKey = 65_535

const keyName = (key: number): string => keys.get(key)?.name ?? `key${key}`

function keyCode(name: string): number {
  const code = keyCodes.get(name.toLowerCase()) ?? Number(/^key(\d{1,5})$/i.exec(name)?.[1] ?? Number.NaN)
  if (!(code < invalidKey)) throw expected('a parameter such as alpn="h2" or key667="x"', name)
  return code
}

type Parameter = readonly [key: number, value: Buffer]

function parseParameter(word: string): Parameter {
  const [, name = '', value = ''] = /^([^=]*)(?:=(.*))?$/s.exec(word) ?? []
  const key = keyCode(name)
  // `key1` is the form of keys without a name, whose values are plain octets also where there is one (RFC 9460, 2.1).
  const form = keyCodes.has(name.toLowerCase()) ? (keys.get(key) ?? plain) : plain
  const octets = form.parse(value)
  if (octets.length > 65_535 || keys.get(key)?.isValid(octets) === false) throw expected(`a value of ${name}`, value)
  return [key, octets]
}

function parseParameters(words: readonly string[]): Buffer {
  const found = words.map(parseParameter).sort(([a], [b]) => a - b)
  const twice = found.find(([key], index) => key === found[index + 1]?.[0])
  if (twice !== undefined) throw new Error(`expected ${keyName(twice[0])} once`)
  return Buffer.concat(found.flatMap(([key, value]) => [numberOctets(key, 2), numberOctets(value.length, 2), value]))
}

/** The parameters of SVCB and HTTPS (RFC 9460, 2.2): keys in strictly rising order. */
export const parameters: Field<readonly Parameter[]> = {
  read(cursor) {
    const found: Parameter[] = []
    for (let last = -1; !cursor.isAtEnd; ) {
      const key = cursor.u16()
      const value = cursor.take(cursor.u16())
      if (key <= last || key === invalidKey || keys.get(key)?.isValid(value) === false) throw badRdata()
      found.push([key, value])
      last = key
    }
    return found
  },
  print: found =>
    found.length === 0
      ? undefined
      : found.map(([key, value]) => `${keyName(key)}="${(keys.get(key) ?? plain).print(value)}"`).join(' '),
  parse: words => parseParameters(words.rest()),
}
