import { ask, type Case } from './case.ts'

const status = (code: number, fails?: string, valid_status_codes: readonly number[] = []): Case => {
  const accepted = valid_status_codes.length === 0 ? '' : `, accepted: ${valid_status_codes.join(' ')}`
  return ask(`status ${code}${accepted}`, `(web)/status/${code}`, { valid_status_codes }, fails)
}

const version = (name: string, target: string, versions: readonly string[], fails?: string): Case =>
  ask(name, target, { valid_http_versions: versions }, fails)

const modified = (name: string, date: string): Case =>
  ask(`Last-Modified ${name}`, `(web)/modified/${encodeURIComponent(date)}`)

/** Status, version, framing and dates. */
export const answers: readonly Case[] = [
  status(200),
  status(201),
  status(204),
  status(299),
  status(300, 'status'),
  status(304, 'status'),
  status(401, 'auth'),
  status(404, 'status'),
  status(407, 'auth'),
  status(500, 'status'),
  status(999, 'status'),
  status(200, 'status', [404]),
  status(404, undefined, [404, 405]),
  status(401, undefined, [401]),
  ask('HTTP/1.0 without a length', '(http10)'),
  version('HTTP/1.0 is accepted', '(http10)', ['HTTP/1.0', 'HTTP/1.1']),
  version('HTTP/1.0 is not accepted', '(http10)', ['HTTP/1.1'], 'protocol'),
  version('HTTP/1.1 is accepted', '(web)/text/x', ['HTTP/1.1']),
  version('HTTP/1.1 is not accepted', '(web)/text/x', ['HTTP/2.0'], 'protocol'),
  version('a bad status and a bad version', '(web)/status/404', ['HTTP/2.0'], 'status'),
  ask('a body with its length', '(web)/length/'),
  ask('a chunked body', '(web)/chunked/'),
  ask('an empty body', '(web)/text/'),
  ask('a large body', '(web)/bytes/3000000'),
  ask('HEAD: a length without a body', '(web)/length/', { method: 'HEAD' }),
  ask('HEAD, chunked', '(web)/chunked/', { method: 'HEAD' }),
  ask('early hints before the answer', '(early)'),
  ask('a body shorter than its length', '(short)', {}, 'protocol'),
  ask('a body in broken chunks', '(badchunk)', {}, 'protocol'),
  ask('no HTTP', '(nonsense)', {}, 'protocol'),
  ask('a status that is no number', '(badstatus)', {}, 'protocol'),
  ask('a server that hangs up', '(hangsup)', {}, 'connect'),
  ask('a server that resets', '(resets)', {}, 'connect'),
  ask('a silent server', '(web)/silent/', {}, { timeout: '600ms', fails: 'timeout' }),
  ask('a body that stops', '(web)/slow/', {}, { timeout: '600ms', fails: 'timeout' }),
  ask("the scrape's timeout is the shorter one", '(web)/silent/', {}, { scrapeTimeoutSeconds: 1.1, fails: 'timeout' }),
  modified('as in RFC 1123', 'Sun, 06 Nov 1994 08:49:37 GMT'),
  modified('as in RFC 850', 'Sunday, 06-Nov-94 08:49:37 GMT'),
  modified('as of asctime', 'Sun Nov  6 08:49:37 1994'),
  modified('that is no date', 'yesterday'),
  modified('before 1970', 'Wed, 31 Dec 1969 23:59:59 GMT'),
]
