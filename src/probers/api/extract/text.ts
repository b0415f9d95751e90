/** Labels, keys and states are cut here, in UTF-16 units. */
export const maxText = 1024

/** The shortest decimal, without an exponent from 1e-21 up to 1e21. */
function numberText(value: number): string {
  if (value === 0) return '0'
  const text = String(value)
  if (!text.includes('e-')) return text
  const [, sign = '', digits = '', fraction = '', exponent] = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/.exec(text) ?? []
  if (exponent === undefined || Number(exponent) > 21) return text
  return `${sign}0.${'0'.repeat(Number(exponent) - 1)}${digits}${fraction}`
}

/** The beginning of a JSON text: what is deep or long is not looked at to its end. */
function jsonText(value: unknown, room: number): string {
  if (typeof value !== 'object' || value === null) return plainJson(value, room)
  const isList = Array.isArray(value)
  let text = isList ? '[' : '{'
  for (const key in value) {
    if (text.length >= room) return text
    if (text.length > 1) text += ','
    if (!isList) text += `${plainJson(key, room)}:`
    text += jsonText((value as Readonly<Record<string, unknown>>)[key], room - text.length)
  }
  return text + (isList ? ']' : '}')
}

const plainJson = (value: unknown, room: number): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, room + 1)) : toText(value) || 'null'

/** What was found, as text; of objects and lists, the JSON. It may be cut at `room` and is not longer than some more. */
export function toText(value: unknown, room = maxText): string {
  switch (typeof value) {
    case 'string':
      return value.slice(0, room + 1)
    case 'number':
      return numberText(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      return value === null ? '' : jsonText(value, room)
    default:
      return ''
  }
}
