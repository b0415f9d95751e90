import { domainToASCII } from 'node:url'
import { type Name, root } from './name.ts'

const maxLabelBytes = 63
const maxNameBytes = 255

const bad = (why: string) => new Error(`expected a domain name: ${why}`)

/** The ASCII form of a label in another script (IDNA). */
function international(label: string): string {
  // What a URL decodes, or ends its host at, must not slip through.
  const ascii = /[\\%/?#@:[\]]/.test(label) ? '' : domainToASCII(label)
  if (ascii === '' || ascii.includes('.')) throw bad(`'${label}' has no form in ASCII`)
  return ascii
}

/** The octets of a label in master-file form (RFC 1035, 5.1): `\DDD` is an octet, `\X` the character X itself. */
function labelOctets(label: string): Buffer {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  if (/[\u0000-\u001f\u007f]/.test(label)) throw bad('a control character must be written as \\DDD')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything but ASCII is what it looks for
  if (/[^\u0000-\u007f]/.test(label)) return Buffer.from(international(label), 'latin1')
  const plain = label.replace(/\\(\d{1,3}|.?)/g, (sequence, what: string) => {
    const code = /^\d{3}$/.test(what) ? Number(what) : what.charCodeAt(0)
    if (!(code <= 255) || /^\d{1,2}$/.test(what)) throw bad(`'${sequence}' is no escape such as \\. or \\046`)
    return String.fromCharCode(code)
  })
  return Buffer.from(plain, 'latin1')
}

function encodeLabel(label: string): Buffer {
  const octets = labelOctets(label)
  if (octets.length === 0) throw bad('a label is empty')
  if (octets.length > maxLabelBytes) throw bad(`a label is longer than ${maxLabelBytes} octets`)
  return Buffer.concat([Buffer.from([octets.length]), octets])
}

/** Splits at dots, but not at escaped ones. */
function splitLabels(text: string): string[] {
  const labels = ['']
  for (const [token] of text.matchAll(/\\.|./gsu)) {
    if (token === '.') labels.push('')
    else labels.push(labels.pop() + token)
  }
  return labels
}

/**
 * Reads a name as people write it: `www.example.org`, with or without the closing dot, `.` for the root, master-file
 * escapes (`a\.b.example`, `\000`), other scripts through IDNA. Throws an Error that says what is wrong.
 */
export function parseName(text: string): Name {
  if (text === '.') return root
  if (text === '') throw bad('it is empty')
  const labels = splitLabels(text)
  if (labels.at(-1) === '') labels.pop()
  const name = Buffer.concat([...labels.map(encodeLabel), root])
  if (name.length > maxNameBytes) throw bad(`it is longer than ${maxNameBytes} octets`)
  return name
}
