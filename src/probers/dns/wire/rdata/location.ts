import { badRdata, type Field, numberOctets } from './field.ts'
import { expected, type Words } from './words.ts'

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

/** Degrees, and minutes and seconds unless they are left out, up to the letter of a direction. */
function parseAngle(words: Words, positive: string, negative: string, maxDegrees: number): Buffer {
  const directions = `${positive} or ${negative}`
  const parts: number[] = []
  for (;;) {
    const word = words.next(directions)
    const isLetter = [positive, negative].includes(word.toUpperCase())
    if (!isLetter && (parts.length === 3 || !/^\d{1,3}(\.\d{1,3})?$/.test(word))) throw expected(directions, word)
    if (!isLetter) {
      parts.push(Number(word))
      continue
    }
    const [degrees = Number.NaN, minutes = 0, secs = 0] = parts
    const off = Math.round(degrees * degree + minutes * minute + secs * 1000)
    const isWhole = Number.isInteger(degrees) && Number.isInteger(minutes)
    if (!isWhole || minutes >= 60 || secs >= 60 || off > maxDegrees * degree) {
      throw expected(`degrees up to ${maxDegrees}, minutes and seconds`, parts.join(' '))
    }
    return numberOctets(word.toUpperCase() === positive ? origin + off : origin - off, 4)
  }
}

function parseCentimetres(word: string): number {
  if (!/^-?\d{1,9}(\.\d{1,2})?m?$/i.test(word)) throw expected('metres such as 10m or -2.50m', word)
  return Math.round(Number.parseFloat(word) * 100)
}

function parseAltitude(words: Words): Buffer {
  const word = words.next('an altitude')
  const altitude = parseCentimetres(word) + altitudeBase * 100
  if (altitude < 0 || altitude > 0xffff_ffff) throw expected('an altitude from -100000m to 42849672.95m', word)
  return numberOctets(altitude, 4)
}

function parseSize(word: string): number {
  const centimetres = parseCentimetres(word)
  if (centimetres < 0 || centimetres > 9e9) throw expected('a size up to 90000000m', word)
  const exponent = centimetres < 10 ? 0 : Math.floor(Math.log10(centimetres))
  return (Math.floor(centimetres / 10 ** exponent) << 4) | exponent
}

// A size of 1 m, precisions of 10 km and 10 m.
const usualSizes = ['1m', '10000m', '10m']

function parseLocation(words: Words): Buffer {
  const latitude = parseAngle(words, 'N', 'S', 90)
  const longitude = parseAngle(words, 'E', 'W', 180)
  const altitude = parseAltitude(words)
  const sizes = usualSizes.map(usual => parseSize(words.isAtEnd ? usual : words.next('a size')))
  return Buffer.concat([Buffer.from([0, ...sizes]), latitude, longitude, altitude])
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
  parse: parseLocation,
}
