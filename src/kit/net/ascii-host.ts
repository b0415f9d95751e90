import { domainToASCII } from 'node:url'

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
const isAscii = /^[\u0000-\u007f]*$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const unfit = /[\u0000-\u0020\u007f/\\?#@]/

/**
 * A host name, with or without a port, as it goes over the wire: an international one in its ASCII form (UTS #46), any
 * other as it stands. Undefined when there is no such form.
 */
export function asciiHost(text: string): string | undefined {
  if (isAscii.test(text)) return text
  if (unfit.test(text)) return undefined // domainToASCII would cut it there
  const [, name = '', port = ''] = /^(.*?)(:\d*)?$/s.exec(text) ?? []
  const ascii = domainToASCII(name)
  return ascii === '' ? undefined : `${ascii}${port}`
}

/** Whether a text can stand in a `Host` header: a host name or an address, IPv6 in brackets, with or without a port. */
export function isHostPort(text: string): boolean {
  const ascii = asciiHost(text) ?? ''
  return /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d+)?$/i.test(ascii) && URL.canParse(`http://${ascii}`)
}
