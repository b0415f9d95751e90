import { ask, type Case, ip4, type Options, to, trusting } from './case.ts'

const via = (proxy: string, more: Options = {}): Options => ({ ...ip4, proxy_url: `http://${proxy}`, ...more })
const overTls = (proxy: string, more: Options = {}): Options => ({ ...trusting(), ...via(proxy), ...more })

const lookedUp = { differs: ['redirects are looked up too'] } as const
const tlsAside = { differs: ['TLS to the proxy is none to the target'] } as const
const skip = { skip_resolve_phase_with_proxy: true }
const web = 'http://localhost:(web.port)'
const tls = 'https://localhost:(tls.port)'
const nowhere = 'no-such-host.invalid'

/** Plain http by a name. */
const byName = (name: string, path: string, more: Options = {}, fails?: string): Case =>
  ask(name, `${web}${path}`, via('(open)', more), fails)

const plain: readonly Case[] = [
  ask('an address', '(web)/text/x', via('(open)')),
  byName('a name', '/text/x'),
  ask('a name, left to the proxy', `${web}/text/x`, via('(open)', skip)),
  ask('a name that is not there', `http://${nowhere}/`, via('(open)'), 'resolve'),
  ask('a name that is not there, left to the proxy', `http://${nowhere}/`, via('(open)', skip), 'status'),
  {
    ...byName('a Host', '/text/x', { headers: { Host: nowhere } }),
    differs: ['a Host leads no proxy elsewhere'],
  },
  ask('a body in the request', '(web)/text/x', via('(open)', { method: 'POST', body: 'text' })),
  ask('a large body', '(web)/bytes/3000000', via('(open)')),
  ask('a chunked body', '(web)/chunked/', via('(open)')),
  ask('a packed body', '(web)/coded/gzip', via('(open)', { compression: 'gzip' })),
  ask('a token', '(web)/bearer/', via('(open)', { bearer_token: 'token' })),
  ask('a bad status', '(web)/status/404', via('(open)'), 'status'),
  ask('a redirect', `(web)${to('/text/end')}`, via('(open)')),
  ask('a redirect to elsewhere', `(web)${to('http://(both)/text/end')}`, via('(open)')),
  ask('a port that refuses', 'http://127.0.0.1:1/', via('(open)'), 'status'),
  ask('a login', '(web)/text/x', via('me:secret@(login)')),
  ask('a login that is wrong', '(web)/text/x', via('me:x@(login)'), 'auth'),
  ask('a login that is missing', '(web)/text/x', via('(login)'), 'auth'),
  ask('a proxy that knows names alone', `${web}/text/x`, via('(strict)', skip)),
  ask('a proxy that knows names alone, and gets an address', '(web)/text/x', via('(strict)'), 'status'),
  ask('a proxy that is not there', '(web)/text/x', via('127.0.0.1:1'), 'connect'),
  ask('a proxy whose name is not there', '(web)/text/x', via(`${nowhere}:1`), 'resolve'),
]

const untrusted = (name: string, target: string, http: Options): Case => ({
  ...ask(name, target, http, 'tls'),
  differs: ['TLS facts although the handshake failed'],
})

const tunnels: readonly Case[] = [
  ask('an address', 'https://(tls)/text/x', overTls('(open)')),
  ask('a name: the proxy gets the address', `${tls}/text/x`, overTls('(open)')),
  ask('a name, left to the proxy', `${tls}/text/x`, overTls('(open)', skip)),
  ask('HTTP/2', 'https://localhost:(h2.port)/text/x', overTls('(open)')),
  untrusted('a client certificate that is missing', 'https://localhost:(mutual12.port)/', overTls('(open)')),
  ask('from http to https', `(web)${to(`${tls}/text/end`)}`, overTls('(open)'), lookedUp),
  ask('from https to http', `${tls}${to('http://(web)/text/end')}`, overTls('(open)')),
  untrusted('a certificate that is expired', 'https://localhost:(expired.port)/', overTls('(open)')),
  ask('a port that refuses', 'https://127.0.0.1:1/', overTls('(open)'), 'connect'),
  ask('a login', `${tls}/text/x`, overTls('me:secret@(login)')),
  ask('a login that is wrong', `${tls}/text/x`, overTls('me:x@(login)'), 'auth'),
  ask('a login that is missing', `${tls}/text/x`, overTls('(login)'), 'auth'),
  ask(
    'a login by proxy_connect_header',
    `${tls}/text/x`,
    overTls('(login)', { proxy_connect_header: { 'Proxy-Authorization': ['Basic bWU6c2VjcmV0'] } }),
  ),
  ask('a proxy that knows names alone', `${tls}/text/x`, overTls('(strict)', skip)),
  ask('a proxy that knows names alone, and gets an address', `${tls}/text/x`, overTls('(strict)'), 'connect'),
  ask('a proxy that is not there', `${tls}/text/x`, overTls('127.0.0.1:1'), 'connect'),
]

const secure = (more: Options = {}): Options => ({ ...trusting(), proxy_url: 'https://(secure)', ...more })

const tlsToTheProxy: readonly Case[] = [
  ask('http', '(web)/text/x', secure(), tlsAside),
  ask('https', `${tls}/text/x`, secure()),
  ask('http by name, left to the proxy', `${web}/text/x`, secure(skip), tlsAside),
]

const socksWith = (scheme: string, proxy: string, more: Options = {}): Options => ({
  ...trusting(),
  proxy_url: `${scheme}://${proxy}`,
  ...more,
})

const socks: readonly Case[] = [
  ask('http', '(web)/text/x', socksWith('socks5', '(socks)')),
  ask('http by name: the proxy gets the address', `${web}/text/x`, socksWith('socks5', '(socks)')),
  ask('http by name, left to the proxy', `${web}/text/x`, socksWith('socks5', '(socks)', skip)),
  ask('https', `${tls}/text/x`, socksWith('socks5', '(socks)')),
  ask('https by name, left to the proxy', `${tls}/text/x`, socksWith('socks5', '(socks)', skip)),
  ask('HTTP/2', 'https://localhost:(h2.port)/text/x', socksWith('socks5', '(socks)')),
  ask('IPv6', 'http://[::1]:(both.port)/text/x', socksWith('socks5', '(socks)')),
  ask('a redirect', `${web}${to(`${tls}/text/end`)}`, socksWith('socks5', '(socks)'), lookedUp),
  ask('a port that refuses', 'http://127.0.0.1:1/', socksWith('socks5', '(socks)'), 'connect'),
  ask(
    'a name that is not there, left to the proxy',
    `http://${nowhere}/`,
    socksWith('socks5', '(socks)', skip),
    'connect',
  ),
  ask('a login', '(web)/text/x', socksWith('socks5', 'me:secret@(sockslogin)')),
  ask('a login that is wrong', '(web)/text/x', socksWith('socks5', 'me:x@(sockslogin)'), 'auth'),
  ask('a login that is missing', '(web)/text/x', socksWith('socks5', '(sockslogin)'), 'auth'),
  ask('a proxy that is not there', '(web)/text/x', socksWith('socks5', '127.0.0.1:1'), 'connect'),
]

const newer = (name: string, target: string, http: Options, older: Options): Case => ({
  ...ask(name, target, http),
  older,
})

const anywhere = 'http://0.0.0.0:(web.port)/text/x'

const fromEnvironment = { ...ip4, proxy_from_environment: true }

const sameInOlderWords: readonly Case[] = [
  newer('no_proxy does not name it', anywhere, via('(open)', { no_proxy: 'example.org' }), via('(open)')),
  newer('no_proxy names it', anywhere, via('(open)', { no_proxy: '0.0.0.0' }), ip4),
  newer('no_proxy names its network', anywhere, via('(open)', { no_proxy: '0.0.0.0/8' }), ip4),
  newer('no_proxy keeps what is here from the proxy', '(web)/text/x', via('(open)', { no_proxy: 'example.org' }), ip4),
  newer('proxy_from_environment', anywhere, fromEnvironment, via('(open)')),
  newer(
    'proxy_from_environment, https',
    'https://0.0.0.0:(tls.port)/text/x',
    { ...trusting({ server_name: 'localhost' }), ...fromEnvironment },
    { ...trusting({ server_name: 'localhost' }), ...via('(open)') },
  ),
  newer('proxy_from_environment keeps what is here from the proxy', '(web)/text/x', fromEnvironment, ip4),
  newer('socks5h', `${web}/text/x`, socksWith('socks5h', '(socks)'), socksWith('socks5', '(socks)')),
  newer(
    'socks5h, names left to it',
    `${web}/text/x`,
    socksWith('socks5h', '(socks)', skip),
    socksWith('socks5', '(socks)', skip),
  ),
]

/** Ways through a proxy. */
export const proxies = { plain, tunnels, tlsToTheProxy, socks, sameInOlderWords }
