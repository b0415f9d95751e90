/** A text as a pattern. */
export const quoted = (text: string) => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')

/** Record texts that the strings of miekg/dns do not have. */
export const moreTexts = [
  'ipseckey.example.test.\t3600\tIN\tIPSECKEY\t10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==',
  '_25._tcp.tlsa.example.test.\t3600\tIN\tTLSA\t2 0 2 92003ba34942dc74152e2f2c408d29eca5a520e7f2e06bb944f4dca346baf63c1b177615d466f6c4b71c216a50292bd58c9ebdd2f74e38fe51ffd48c43326cbc',
  'type65280.example.test.\t3600\tCLASS1\tTYPE65280\t\\# 4 deadbeef',
  'type65281.example.test.\t3600\tCLASS1\tTYPE65281\t\\# 0 ',
  'quo\\"te.example.test.\t3600\tIN\tTXT\t"owner with a quote"',
  'any.wild.example.test.\t300\tIN\tA\t192.0.2.77',
  'short.example.test.\t5\tIN\tA\t192.0.2.9',
  'long.example.test.\t604800\tIN\tA\t192.0.2.10',
  '1.2.0.192.in-addr.arpa.\t600\tIN\tPTR\ta.example.test.',
]

/** A pattern for the whole text; what the keys of this run decide may be anything of its size. */
function patternOf(text: string): string {
  const key = '[A-Za-z0-9+/]{86}=='
  const [, dnskey] = /^(\S+\t\d+\tIN\tDNSKEY\t\d+ 3 13 )/.exec(text) ?? []
  if (dnskey !== undefined) return `^${quoted(dnskey)}${key}$`
  const [, rrsig] = /^(\S+\t\d+\tIN\tRRSIG\t\w+ \d+ \d+ \d+ )/.exec(text) ?? []
  if (rrsig !== undefined) return `^${quoted(rrsig)}[0-9]{14} [0-9]{14} [0-9]{1,5} example\\.test\\. ${key}$`
  return `^${quoted(text)}$`
}

/** blackbox_exporter 0.23.0 prints a mapped address as an IPv4 address; miekg/dns has changed that since. */
export const newer = (text: string): string => text.replace(/\tAAAA\t(\d+\.)/, '\tAAAA\t::ffff:$1')

/** A section that fails unless the answer has this record. */
export function sectionFor(text: string) {
  const [query_name = '', , queryClass = '', query_type = ''] = text.split('\t')
  return {
    query_name,
    query_type,
    query_class: queryClass.replace('CLASS1', 'IN'),
    validate_answer_rrs: { fail_if_none_matches_regexp: [patternOf(text)] },
  }
}
