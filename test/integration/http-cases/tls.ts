import { pemFile } from '../../support/identities.ts'
import { ask, type Case, ip4, type Options, trusting } from './case.ts'

/** Asks a server by the name `localhost`. */
const at = (name: string, server: string, http: Options, fails?: 'tls' | 'not_found' | 'protocol'): Case =>
  ask(name, `https://localhost:(${server}.port)/text/x`, http, fails)

/** One of the two does not take the other's certificate. */
const untrusted = (name: string, server: string, http: Options): Case => ({
  ...at(name, server, http, 'tls'),
  differs: ['TLS facts although the handshake failed'],
})

const skipping = (name: string, server: string, tls: Options = {}): Case => ({
  ...at(`insecure_skip_verify: ${name}`, server, { ...ip4, tls_config: { insecure_skip_verify: true, ...tls } }),
  differs: ['no chain, no end of it'],
})

const host = (http: Options, name: string): Options => ({ ...http, headers: { Host: name } })
const client = { cert_file: pemFile('client.crt'), key_file: pemFile('client.key') }
const otherAuthority = { ca_file: pemFile('other-ca.crt') }
const missing = { ca_file: '/no/such/file' }

/** Certificates, names and versions of TLS. */
export const tls: readonly Case[] = [
  at('verified', 'tls', trusting()),
  untrusted('unknown to the system', 'tls', ip4),
  untrusted('of an unknown authority', 'tls', trusting(otherAuthority)),
  untrusted('expired', 'expired', trusting()),
  untrusted('of another name', 'othername', trusting()),
  untrusted('with its name in the subject alone', 'nosan', trusting()),
  untrusted('self-signed', 'selfsigned', trusting()),
  untrusted('without its intermediate', 'nochain', trusting()),
  at('self-signed and trusted', 'selfsigned', trusting({ ca_file: pemFile('self-signed.crt') })),
  at('an expired authority that is sent along', 'oldca', trusting()),
  at('without a subject', 'nosubject', trusting()),
  skipping('good all the same', 'tls', { ca_file: pemFile('ca.crt') }),
  skipping('expired', 'expired'),
  skipping('of another name', 'othername'),
  skipping('self-signed', 'selfsigned'),
  at('server_name', 'tls', trusting({ server_name: 'www.sonde.test' })),
  untrusted('server_name that is wrong', 'tls', trusting({ server_name: 'www.example.org' })),
  at('the name of Host', 'tls', host(trusting(), 'www.sonde.test')),
  untrusted('the name of Host, which is wrong', 'tls', host(trusting(), 'www.example.org')),
  {
    ...at('the name of Host without its port', 'tls', host(trusting(), 'www.sonde.test:443')),
    differs: ['Host with a port'],
  },
  at('server_name before Host', 'tls', host(trusting({ server_name: 'localhost' }), 'www.example.org')),
  { ...at('the name of hostname', 'tls', trusting()), hostname: 'www.sonde.test' },
  ask('an address in the certificate', 'https://(tls)/text/x', trusting()),
  untrusted('an address that is not in the certificate', 'othername', trusting({ server_name: '127.0.0.1' })),
  at('client certificate', 'mutual', trusting(client)),
  at('client certificate, TLS 1.2', 'mutual12', trusting(client)),
  untrusted('client certificate missing', 'mutual', trusting()),
  untrusted('client certificate missing, TLS 1.2', 'mutual12', trusting()),
  at('client certificate from no file', 'mutual', trusting({ ...client, cert_file: '/no/such/file' }), 'not_found'),
  at('authorities from no file', 'tls', trusting(missing), 'not_found'),
  at('TLS 1.2', 'tls12', trusting()),
  at('min_version', 'tls', trusting({ min_version: 'TLS13' })),
  at('min_version that is not reached', 'tls12', trusting({ min_version: 'TLS13' }), 'tls'),
  at('max_version', 'tls', trusting({ max_version: 'TLS12' })),
  at('an old server', 'oldtls', trusting(), 'tls'),
  at('an old server, allowed', 'oldtls', trusting({ min_version: 'TLS10' })),
  at('fail_if_ssl', 'tls', { ...trusting(), fail_if_ssl: true }, 'tls'),
  at('fail_if_not_ssl', 'tls', { ...trusting(), fail_if_not_ssl: true }),
  ask('fail_if_ssl, plain http', '(web)/text/x', { fail_if_ssl: true }),
  ask('fail_if_not_ssl, plain http', '(web)/text/x', { fail_if_not_ssl: true }, 'tls'),
  ask('fail_if_not_ssl after a bad status', '(web)/status/404', { fail_if_not_ssl: true }, 'status'),
  at('https to a port of plain http', 'web', trusting(), 'tls'),
  at('https to a server that hangs up', 'hangsup', trusting(), 'tls'),
  ask('http to a port of TLS', '(tls)', {}, 'connect'),
  ask('plain http has no need of authorities', '(web)/text/x', trusting({ insecure_skip_verify: true })),
  ask('plain http, authorities from no file', '(web)/text/x', trusting(missing), {
    differs: ['files for TLS are read for TLS'],
  }),
  at('HTTP/2', 'h2', trusting()),
  at('HTTP/2 alone', 'h2only', trusting()),
  at('enable_http2: false', 'h2', { ...trusting(), enable_http2: false }),
  at('HTTP/2 is accepted', 'h2', { ...trusting(), valid_http_versions: ['HTTP/2.0'] }),
  {
    ...at('HTTP/2 by its short name', 'h2', { ...trusting(), valid_http_versions: ['HTTP/2'] }),
    differs: ['the alias HTTP/2'],
  },
  at('HTTP/2 is not accepted', 'h2', { ...trusting(), valid_http_versions: ['HTTP/1.1'] }, 'protocol'),
  at('HTTP/1.1 although HTTP/2 is wanted', 'tls', { ...trusting(), valid_http_versions: ['HTTP/2.0'] }, 'protocol'),
  at('HTTP/2 with a body', 'h2', {
    ...trusting(),
    method: 'POST',
    body: 'text',
    headers: { 'Content-Type': 'text/plain' },
  }),
  at('HTTP/2 with a Host', 'h2', host(trusting(), 'www.sonde.test')),
  at('HTTP/2 with a token', 'h2', { ...trusting(), bearer_token: 'token', headers: { 'X-Own': 'x' } }),
]
