import { ask, type Case, type Options } from './case.ts'

const coded = (compression: string, coding: string, fails?: string): Case =>
  ask(`compression "${compression}", body ${coding}`, `(web)/coded/${coding}`, { compression }, fails)

const accepting = (compression: string, accept: string): Case =>
  ask(`compression ${compression}, Accept-Encoding ${accept}`, `(web)/coded/${compression}`, {
    compression,
    headers: { 'Accept-Encoding': accept },
  })

const limited = (bytes: number, limit: string, fails?: string): Case =>
  ask(`body_size_limit ${limit}, ${bytes} octets`, `(web)/bytes/${bytes}`, { body_size_limit: limit }, fails)

const pattern = (name: string, http: Options, text: string, fails?: 'content'): Case =>
  ask(name, `(web)/text/${encodeURIComponent(text)}`, http, fails)

const header = (key: 'matches' | 'not_matches', name: string, rule: Options, fails?: 'content'): Case =>
  ask(`fail_if_header_${key}: ${name}`, '(web)/headers/', { [`fail_if_header_${key}`]: [rule] }, fails)

const matches = (...patterns: readonly string[]) => ({ fail_if_body_matches_regexp: patterns })
const lacks = (...patterns: readonly string[]) => ({ fail_if_body_not_matches_regexp: patterns })

const lazyDog = lacks('lazy dog')
const fineHeader = { fail_if_header_matches: [{ header: 'X-Kind', regexp: 'fine' }] }

/** What is done with a body, and with headers. */
export const bodies: readonly Case[] = [
  coded('gzip', 'gzip'),
  coded('br', 'br'),
  coded('deflate', 'deflate'),
  { ...coded('deflate', 'zlib'), differs: ['deflate in both framings'] },
  coded('identity', 'identity'),
  coded('GZIP', 'gzip'),
  coded('gzip', 'identity', 'protocol'),
  coded('gzip', 'br', 'protocol'),
  coded('br', 'gzip', 'protocol'),
  coded('deflate', 'gzip', 'protocol'),
  coded('identity', 'gzip'),
  coded('', 'gzip'),
  coded('', 'br'),
  accepting('gzip', 'gzip'),
  accepting('br', 'gzip;q=0.5, br'),
  accepting('gzip', '*'),
  ask('Accept-Encoding alone', '(web)/coded/gzip', { headers: { 'Accept-Encoding': 'gzip' } }),
  ask('compression of no body', '(web)/status/204', { compression: 'gzip' }, { differs: ['nothing to unpack'] }),
  ask('compression of an error', '(web)/status/404', { compression: 'gzip' }, 'status'),
  ask('a Content-Encoding that is not true', '(plain)'),
  limited(1023, '1KB'),
  limited(1024, '1KB'),
  limited(1025, '1KB', 'too_large'),
  limited(100_000, '1KB', 'too_large'),
  ask(
    'the limit counts what was unpacked',
    '(web)/coded/gzip',
    { compression: 'gzip', body_size_limit: '1KB' },
    'too_large',
  ),
  ask('the limit and a pattern', '(web)/bytes/5000', { body_size_limit: '1KB', ...lacks('xxx') }, 'too_large'),
  pattern('fail_if_body_matches: no match', matches('down'), 'all is up'),
  pattern('fail_if_body_matches: a match', matches('down'), 'all is down', 'content'),
  pattern('fail_if_body_matches: the second matches', matches('ill', 'down'), 'all is down', 'content'),
  pattern('fail_if_body_matches: an empty body', matches('.'), ''),
  pattern('fail_if_body_not_matches: a match', lacks('up'), 'all is up'),
  pattern('fail_if_body_not_matches: no match', lacks('up'), 'all is down', 'content'),
  pattern('fail_if_body_not_matches: all must', lacks('all', 'up'), 'all is down', 'content'),
  pattern('patterns of both kinds', { ...matches('ill'), ...lacks('^all', 'up$') }, 'all is up'),
  pattern('a dot is no line feed', lacks('a.b'), 'a\nb', 'content'),
  pattern('flags in a pattern', lacks('(?is)A.B', '(?m)^b$'), 'a\nb'),
  pattern('other letters', lacks('^ä.€$', '\\p{L}'), 'ä-€'),
  ask('no pattern is looked for after a bad status', '(web)/status/404', matches('text'), 'status'),
  ask('a pattern in an unpacked body', '(web)/coded/gzip', { compression: 'gzip', ...lazyDog }),
  ask('a pattern in a body that is no br', '(web)/coded/gzip', { compression: 'br', ...lazyDog }, 'protocol'),
  {
    ...ask('a pattern in a body that is no gzip', '(web)/coded/br', { compression: 'gzip', ...lazyDog }, 'protocol'),
    differs: ['reading counts as matching: gzip'],
  },
  ask('a pattern in a body that ends too early', '(short)', lacks('five'), 'protocol'),
  ask('a pattern in a body that stops', '(web)/slow/', lacks('five'), {
    timeout: '600ms',
    fails: 'timeout',
  }),
  header('matches', 'no match', { header: 'X-Kind', regexp: 'ill' }),
  header('matches', 'a match', { header: 'X-Kind', regexp: 'fi' }, 'content'),
  header('matches', 'the name in other letters', { header: 'x-KIND', regexp: 'fine' }, 'content'),
  header('matches', 'missing', { header: 'X-None', regexp: 'x' }, 'content'),
  header('matches', 'missing, allowed', { header: 'X-None', regexp: 'x', allow_missing: true }),
  header('matches', 'empty', { header: 'X-Empty', regexp: '.' }),
  header('matches', 'one of two values', { header: 'Set-Cookie', regexp: '^b=' }, 'content'),
  header('matches', 'none of two values', { header: 'Set-Cookie', regexp: '^c=' }),
  header('not_matches', 'a match', { header: 'X-Kind', regexp: '^fine$' }),
  header('not_matches', 'no match', { header: 'X-Kind', regexp: 'ill' }, 'content'),
  header('not_matches', 'missing', { header: 'X-None', regexp: 'x' }, 'content'),
  header('not_matches', 'missing, allowed', { header: 'X-None', regexp: 'x', allow_missing: true }),
  header('not_matches', 'empty', { header: 'X-Empty', regexp: '.' }, 'content'),
  header('not_matches', 'one of two values', { header: 'Set-Cookie', regexp: '^b=' }),
  header('not_matches', 'none of two values', { header: 'Set-Cookie', regexp: '^c=' }, 'content'),
  ask('a header before a body pattern', '(web)/headers/', { ...fineHeader, ...lacks('x') }, 'content'),
]
