import { ask, type Case, ip4, type Options, to, trusting } from './case.ts'

const following = (status: number, method: string): Case => ({
  ...ask(
    `${status} after ${method}`,
    `(web)${to('/text/end', status)}`,
    method === 'HEAD' ? { method } : { method, body: 'text', headers: { 'Content-Type': 'text/plain' } },
  ),
  ...(status < 307 && method !== 'HEAD' && { differs: ['no Content-Type without a body'] }),
})

const unfollowed = (name: string, http: Options, fails?: string): Case => ({
  ...ask(name, `(web)${to('/text/end')}`, http, fails),
  differs: ['the body of a redirect that is not followed'],
})

const web = 'http://localhost:(web.port)'
const tls = 'https://localhost:(tls.port)'
const accepted = { follow_redirects: false, valid_status_codes: [302] }
const token = { ...ip4, bearer_token: 'token' }
const host = { headers: { Host: 'www.example.org' } }
const authorization = { ...ip4, headers: { Authorization: 'Bearer token' } }

/** Where redirects lead, and what goes along. */
export const redirects: readonly Case[] = [
  ...[301, 302, 303, 307, 308].flatMap(status => [following(status, 'POST'), following(status, 'HEAD')]),
  following(302, 'PUT'),
  following(301, 'DELETE'),
  ask('three in a row', `(web)${to(to(to('/text/end')))}`),
  ask('eleven: the limit', '(web)/loop/', {}, 'protocol'),
  ask('eleven, but the status is accepted', '(web)/loop/', { valid_status_codes: [302] }),
  unfollowed('not followed', { follow_redirects: false }, 'status'),
  unfollowed('not followed, and accepted', accepted),
  unfollowed('not followed, in the older words', { no_follow_redirects: true, valid_status_codes: [302] }),
  unfollowed('not followed, with a pattern', { ...accepted, fail_if_body_not_matches_regexp: ['^moved$'] }),
  ask('not followed, without a body', '(web)/cookie/', accepted),
  ask('304 is none', `(web)${to('/text/end', 304)}`, {}, 'status'),
  ask('300 is none', `(web)${to('/text/end', 300)}`, {}, 'status'),
  ask('without a Location', '(web)/status/302', {}, 'status'),
  ask('relative to the path', `(web)${to('../../text/end')}`),
  ask('the query alone', '(web)/query/'),
  ask('without a scheme', `(web)${to('//(web)/text/end')}`),
  ask('with a fragment', `(web)${to('/text/end#part')}`),
  ask('to the same address', `(web)${to('http://(web)/text/end')}`),
  ask('to another server', `(web)${to('http://(both)/text/end')}`),
  ask('to another server, whose status counts', `(web)${to('http://(both)/status/404')}`, {}, 'status'),
  ask('from a name to an address', `${web}${to('http://(web)/text/end')}`, ip4),
  ask('from an address to a name', `(web)${to(`${web}/text/end`)}`, ip4),
  ask('to a name that is not there', `(web)${to('http://no-such-host.invalid/')}`, {}, 'resolve'),
  ask('to a port that refuses', `(web)${to('http://127.0.0.1:1/')}`, {}, 'connect'),
  ask('to a scheme that is no HTTP', `(web)${to('file:///etc/passwd')}`, {}, 'protocol'),
  ask('to something that is no URL', `(web)${to('http://[::1')}`, {}, 'protocol'),
  ask('from http to https', `${web}${to(`${tls}/text/end`)}`, trusting()),
  ask('from http to https, wanted', `${web}${to(`${tls}/text/end`)}`, { ...trusting(), fail_if_not_ssl: true }),
  ask('from https to http', `${tls}${to(`${web}/text/end`)}`, trusting()),
  ask(
    'from https to http, unwanted',
    `${tls}${to(`${web}/text/end`)}`,
    { ...trusting(), fail_if_not_ssl: true },
    'tls',
  ),
  ask('from https to https', `${tls}${to('https://localhost:(tls12.port)/text/end')}`, trusting()),
  ask(
    'from HTTP/2 to HTTP/2',
    `https://localhost:(h2.port)${to('https://localhost:(h2only.port)/text/end')}`,
    trusting(),
  ),
  ask('a cookie on the way', '(web)/cookie/'),
  ask('a cookie on the way, by an absolute URL', '(web)/cookie/http%3A%2F%2F(web)%2Fcookies%2F'),
  ask('a cookie for a name', `${web}/cookie/http%3A%2F%2Flocalhost:(web.port)%2Fcookies%2F`, ip4, {
    differs: ['cookies stay with the name'],
  }),
  ask('a Host set by hand, on a relative one', `(web)${to('/text/end')}`, host),
  ask('a Host set by hand, on one to elsewhere', `(web)${to('http://(both)/text/end')}`, host),
  ask('headers stay', `(web)${to('http://(both)/text/end')}`, { headers: { 'X-Own': 'x' } }),
  ask(
    'an Authorization header stays at home',
    `(web)${to('http://localhost:(both.port)/bearer/')}`,
    authorization,
    'auth',
  ),
  ask('credentials on a relative one', `(web)${to('/bearer/')}`, token),
  ask('credentials go along to the same name', `${web}${to(`${web}/bearer/`)}`, token),
  ask('credentials stay at home', `${web}${to('http://(both)/bearer/')}`, token, {
    fails: 'auth',
    differs: ['credentials stay with the name'],
  }),
]
