/** The fields that Go's `pkix.Name` knows, in the order in which it prints them, with Node's names for them. */
const fields: readonly (readonly [node: string, go: string, isSingle: boolean])[] = [
  ['serialNumber', 'SERIALNUMBER', true],
  ['CN', 'CN', true],
  ['postalCode', 'POSTALCODE', false],
  ['street', 'STREET', false],
  ['ST', 'ST', false],
  ['L', 'L', false],
  ['OU', 'OU', false],
  ['O', 'O', false],
  ['C', 'C', false],
]

/** Other attributes, which Go prints as their number and the octets of their DER value, last. */
const otherTypes: Readonly<Record<string, string>> = {
  emailAddress: '1.2.840.113549.1.9.1',
  DC: '0.9.2342.19200300.100.1.25',
  UID: '0.9.2342.19200300.100.1.1',
}

const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/

/** DER of a text as Go's `asn1.Marshal` writes it: PrintableString where it fits, else UTF8String. */
function derHex(text: string): string {
  const octets = Buffer.from(text)
  const length =
    octets.length < 128
      ? [octets.length]
      : octets.length < 256
        ? [0x81, octets.length]
        : [0x82, octets.length >> 8, octets.length & 255]
  return Buffer.concat([Buffer.from([printable.test(text) ? 0x13 : 0x0c, ...length]), octets]).toString('hex')
}

const unescaped = (value: string) =>
  value.replace(/\\([0-9A-Fa-f]{2})|\\(.)/g, (_, hex: string | undefined, char: string) =>
    hex === undefined ? char : String.fromCharCode(Number.parseInt(hex, 16)),
  )

/**
 * Writes a certificate's subject or issuer as Go does (`CN=…,O=…`), from Node's text of it, one attribute per line.
 * Both escape by RFC 2253, so the values of known attributes need no change.
 */
export function goName(nodeName: string): string {
  const values = new Map<string, string[]>()
  const others: string[] = []
  for (const line of nodeName.split('\n').flatMap(line => line.split(/(?<!\\) \+ /))) {
    const equals = line.indexOf('=')
    const type = line.slice(0, equals)
    const value = line.slice(equals + 1)
    if (equals === -1) continue
    if (fields.some(([name]) => name === type)) values.set(type, [...(values.get(type) ?? []), value])
    else others.unshift(`${otherTypes[type] ?? type}=#${derHex(unescaped(value))}`)
  }
  const known = fields.flatMap(([node, go, isSingle]) => {
    const all = values.get(node) ?? []
    const shown = isSingle ? all.slice(-1) : all
    return shown.length === 0 ? [] : [shown.map(value => `${go}=${value}`).join('+')]
  })
  return [...known, ...others].join(',')
}
