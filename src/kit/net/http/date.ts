const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const day = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const month = `(?<month>${months.join('|')})`
const time = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)'

/** The three forms of RFC 9110, 5.6.7: IMF-fixdate, RFC 850, asctime. */
const forms = [
  new RegExp(`^${day}, (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]+day, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} [A-Z]{3,4}$`),
  new RegExp(`^${day} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`),
]

/** As Go does: 69 to 99 belong to the last century. */
const fullYear = (text: string) =>
  text.length === 4 ? Number(text) : Number(text) + (Number(text) >= 69 ? 1900 : 2000)

/** Reads an HTTP date; Unix milliseconds, or undefined when the text is none. */
export function parseHttpDate(text: string): number | undefined {
  const parts = forms.map(form => form.exec(text)?.groups).find(groups => groups !== undefined)
  if (parts === undefined) return undefined
  const number = (name: string) => Number(parts[name])
  const fields = [
    fullYear(parts.year ?? ''),
    months.indexOf(parts.month ?? ''),
    number('day'),
    number('hour'),
    number('minute'),
    number('second'),
  ] as const
  const ms = Date.UTC(...fields)
  const date = new Date(ms)
  const isReal = date.getUTCDate() === fields[2] && date.getUTCHours() === fields[3] && fields[4] < 60 && fields[5] < 60
  return isReal ? ms : undefined
}
