import { badRdata, type Field } from './field.ts'

// Thousandths of a second of arc (RFC 1876, 2).
const minute = 60 * 1000
const degree = 60 * minute
const origin = 2 ** 31
const altitudeBase = 100_000

const two = (value: number) => String(value).padStart(2, '0')

function angle(value: number, positive: string, negative: string): string {
  const off = Math.abs(value - origin)
  const seconds = ((off % minute) / 1000).toFixed(3)
  const direction = value > origin ? positive : negative
  return `${two(Math.floor(off / degree))} ${two(Math.floor((off % degree) / minute))} ${seconds} ${direction}`
}

/** Centimetres as mantissa and exponent of ten in one octet, printed as metres. */
function metres(octet: number): string {
  const mantissa = octet >> 4
  const exponent = octet & 15
  if (exponent < 2) return `0.${two(exponent === 1 ? mantissa * 10 : mantissa)}`
  return `${mantissa}${'0'.repeat(exponent - 2)}`
}

/** LOC version 0. */
export const location: Field<Buffer> = {
  read(cursor) {
    const octets = cursor.take(16)
    if (octets[0] !== 0) throw badRdata()
    return octets
  },
  print(octets) {
    const altitude = octets.readUInt32BE(12)
    const height = (altitude / 100 - altitudeBase).toFixed(altitude % 100 === 0 ? 0 : 2)
    const sizes = [...octets.subarray(1, 4)].map(octet => `${metres(octet)}m`)
    const latitude = angle(octets.readUInt32BE(4), 'N', 'S')
    return [latitude, angle(octets.readUInt32BE(8), 'E', 'W'), `${height}m`, ...sizes].join(' ')
  },
}
