import { type Field, numberOctets } from './field.ts'
import { signatureTime } from './print.ts'
import { expected } from './words.ts'

const what = 'a time as YYYYMMDDHHMMSS or in seconds since 1970'
const digits = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/

function secondsOf(word: string): number {
  if (/^\d{1,10}$/.test(word)) return Number(word)
  const iso = word.replace(digits, '$1-$2-$3T$4:$5:$6.000Z')
  const ms = iso === word ? Number.NaN : Date.parse(iso)
  // Date knows no 30th of February but does not always say so.
  return !Number.isNaN(ms) && new Date(ms).toISOString() === iso ? ms / 1000 : Number.NaN
}

/** When a signature begins or ends (RFC 4034, 3.2). */
export const time: Field<number> = {
  read: cursor => cursor.u32(),
  print: signatureTime,
  parse(words) {
    const word = words.next(what)
    const seconds = secondsOf(word)
    if (!(seconds >= 0 && seconds <= 0xffff_ffff)) throw expected(what, word)
    return numberOctets(seconds, 4)
  },
}
