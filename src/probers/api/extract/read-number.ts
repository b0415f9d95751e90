import type { Parse } from '../options/value.ts'
import { decimalNumber, durationSeconds, sizeBytes } from './amount.ts'
import { dateSeconds, unixSeconds } from './instant.ts'

const words: Readonly<Record<string, number>> = {
  ...{ true: 1, t: 1, yes: 1, y: 1, on: 1, '1': 1 },
  ...{ false: 0, f: 0, no: 0, n: 0, off: 0, '0': 0 },
}

/** A longer text is no number. */
const maxNumberText = 256

function readText(text: string, parse: Parse): number | undefined {
  switch (parse) {
    case 'number':
      return decimalNumber(text) ?? ({ true: 1, false: 0 } as const)[text.toLowerCase()]
    case 'bool':
      return Object.hasOwn(words, text.toLowerCase()) ? words[text.toLowerCase()] : undefined
    case 'timestamp':
    case 'age':
      return dateSeconds(text)
    case 'duration':
      return durationSeconds(text)
    case 'bytes':
      return sizeBytes(text)
    default:
      return undefined
  }
}

function fromNumber(number: number, parse: Parse): number {
  switch (parse) {
    case 'bool':
      return number === 0 ? 0 : 1
    case 'timestamp':
    case 'age':
      return unixSeconds(number)
    case 'unix_ms':
      return number / 1000
    default:
      return number
  }
}

/** A double holds Unix time to less than a microsecond: what is left below is noise. */
const roundMicro = (seconds: number) => Math.round(seconds * 1e6) / 1e6

function fromText(text: string, parse: Parse): number | undefined {
  if (text.length > maxNumberText) return undefined
  const plain = parse === 'bool' ? undefined : decimalNumber(text)
  return plain === undefined ? readText(text, parse) : fromNumber(plain, parse)
}

function read(value: unknown, parse: Parse): number | undefined {
  switch (typeof value) {
    case 'number':
      return fromNumber(value, parse)
    case 'string':
      return fromText(value.slice(0, maxNumberText + 1).trim(), parse)
    case 'boolean':
      return fromText(String(value), parse)
    default:
      return undefined
  }
}

/** Reads a number, in base units, from what was found; undefined when it is none. Never NaN, never infinite. */
export function readNumber(value: unknown, parse: Parse, nowMs: number): number | undefined {
  const number = read(value, parse)
  if (number === undefined || !Number.isFinite(number)) return undefined
  return parse === 'age' ? roundMicro(nowMs / 1000 - number) : number
}
