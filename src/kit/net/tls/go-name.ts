/** The fields that Go's `pkix.Name` knows, by Node's names, in the order in which it prints them. */
const fields: readonly (readonly [node: string, go: string, isSingle: boolean])[] = [
  ['serialNumber', 'SERIALNUMBER', true],
  ['CN', 'CN', true],
  ['OU', 'OU', false],
  ['O', 'O', false],
  ['postalCode', 'POSTALCODE', false],
  ['street', 'STREET', false],
  ['L', 'L', false],
  ['ST', 'ST', false],
  ['C', 'C', false],
]

/** Other attributes, which Go prints last, by number and with the octets of their DER value. */
const otherTypes: Readonly<Record<string, string>> = {
  emailAddress: '1.2.840.113549.1.9.1',
  unstructuredName: '1.2.840.113549.1.9.2',
  DC: '0.9.2342.19200300.100.1.25',
  UID: '0.9.2342.19200300.100.1.1',
  SN: '2.5.4.4',
  title: '2.5.4.12',
  description: '2.5.4.13',
  businessCategory: '2.5.4.15',
  name: '2.5.4.41',
  GN: '2.5.4.42',
  initials: '2.5.4.43',
  generationQualifier: '2.5.4.44',
  dnQualifier: '2.5.4.46',
  pseudonym: '2.5.4.65',
  organizationIdentifier: '2.5.4.97',
  jurisdictionL: '1.3.6.1.4.1.311.60.2.1.1',
  jurisdictionST: '1.3.6.1.4.1.311.60.2.1.2',
  jurisdictionC: '1.3.6.1.4.1.311.60.2.1.3',
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
 * Both escape by RFC 2253, so the values of known attributes need no change. An empty name, for which Node gives
 * undefined against its own types, is empty.
 */
export function goName(nodeName: string | undefined): string {
  const values = new Map<string, string[]>()
  const others: string[] = []
  for (const line of (nodeName ?? '').split('\n').flatMap(line => line.split(/(?<!\\) \+ /))) {
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
