import { typeCode } from '../../../../src/probers/dns/wire/iana.ts'
import { type Message, readMessage } from '../../../../src/probers/dns/wire/message.ts'
import { parseData } from '../../../../src/probers/dns/wire/parse-data.ts'
import { answerTo, type Rr } from '../build.ts'

/** A query for the type A of `x.`. */
export const query = Buffer.from('000001000001000000000000017800' + '00010001', 'hex')

/** A record from `owner ttl type data`; `x.` owns it when the owner is `@`. */
export function rr(text: string): Rr {
  const [owner = '', ttl, type = '', ...data] = text.split(' ')
  const code = typeCode(type) ?? 0
  const rdata = parseData(code, data.join(' ')).rdata.toString('hex')
  return { ...(owner !== '@' && { owner }), type: code, ttl: Number(ttl), rdata }
}

/** An A record of `x.` that is too short. */
export const broken: Rr = { type: 1, rdata: 'c00002' }

type Section = readonly (string | Rr)[]

const rrs = (section: Section = []) => section.map(record => (typeof record === 'string' ? rr(record) : record))

export interface Sections {
  readonly answer?: Section
  readonly authority?: Section
  readonly additional?: Section
}

/** An answer with these records to a query, as octets. */
export const answerWith = (asked: Buffer, { answer, authority, additional }: Sections, flags = 0): Buffer =>
  answerTo(asked, { flags, answer: rrs(answer), authority: rrs(authority), additional: rrs(additional) })

/** An answer with these records, as it is read. */
export const message = (sections: Sections): Message => readMessage(answerWith(query, sections))
