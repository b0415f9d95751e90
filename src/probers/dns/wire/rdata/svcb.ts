import { ipv4, ipv6 } from './address.ts'
import { badRdata, type Field } from './field.ts'
import { base64, escaping } from './print.ts'

interface Key {
  readonly name: string
  readonly isValid: (value: Buffer) => boolean
  readonly print: (value: Buffer) => string
}

const chunks = (value: Buffer, bytes: number) =>
  Array.from({ length: value.length / bytes }, (_, index) => value.subarray(index * bytes, (index + 1) * bytes))

const hasItems = (bytes: number) => (value: Buffer) => value.length > 0 && value.length % bytes === 0
const isEmpty = (value: Buffer) => value.length === 0

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

const plain = escaping('"; \\')
// Commas and backslashes inside an identifier are escaped twice (RFC 9460, appendix A.1).
const protocol = (octets: Buffer) =>
  plain(octets).replace(/\\\\|,/g, found => (found === ',' ? '\\\\\\044' : '\\\\\\092'))

// biome-ignore format: a table
const keys = new Map<number, Key>([
  [0, { name: 'mandatory', isValid: hasItems(2), print: value => chunks(value, 2).map(key => keyName(key.readUInt16BE())).join(',') }],
  [1, { name: 'alpn', isValid: value => protocols(value) !== undefined, print: value => (protocols(value) ?? []).map(protocol).join(',') }],
  [2, { name: 'no-default-alpn', isValid: isEmpty, print: () => '' }],
  [3, { name: 'port', isValid: value => value.length === 2, print: value => String(value.readUInt16BE()) }],
  [4, { name: 'ipv4hint', isValid: hasItems(4), print: value => chunks(value, 4).map(ipv4).join(',') }],
  [5, { name: 'ech', isValid: () => true, print: base64 }],
  [6, { name: 'ipv6hint', isValid: hasItems(16), print: value => chunks(value, 16).map(ipv6).join(',') }],
  [7, { name: 'dohpath', isValid: () => true, print: plain }],
  [8, { name: 'ohttp', isValid: isEmpty, print: () => '' }],
])

const keyName = (key: number): string => keys.get(key)?.name ?? `key${key}`
const invalidKey = 65_535

type Parameter = readonly [key: number, value: Buffer]

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
      : found.map(([key, value]) => `${keyName(key)}="${(keys.get(key)?.print ?? plain)(value)}"`).join(' '),
}
