import { fileURLToPath } from 'node:url'
import { pemFile } from '../../support/identities.ts'
import type { DifferenceName } from '../support/differences.ts'
import { ask, type Case, ip4, type Options, to, trusting } from './case.ts'

const secretFile = fileURLToPath(new URL('./password.txt', import.meta.url))
const client = { client_id: 'me', client_secret: 'secret', token_url: 'http://(web)/token/' }

const secure = { tls_config: { ca_file: pemFile('ca.crt') } }
const web = 'http://localhost:(web.port)'

const granted = (name: string, more: Options = {}): Case => ({
  ...ask(name, '(web)/bearer/', { oauth2: { ...client, ...more } }),
  differs: ['tokens are not packed'],
})

/** The token server says no, or nothing. */
const refused = (name: string, more: Options, fails: string, ...differs: readonly DifferenceName[]): Case => ({
  ...granted(name, more),
  fails,
  differs,
})

/** Tokens that are fetched first. */
export const oauth2: readonly Case[] = [
  granted('a token'),
  granted('a secret from a file', { client_secret: undefined, client_secret_file: secretFile }),
  granted('scopes', { scopes: ['read', 'write all'] }),
  granted('endpoint_params', { endpoint_params: { audience: 'x y', resource: 'ä' } }),
  granted('other letters', { client_id: 'm ü', client_secret: 'p+:/ä' }),
  granted('over TLS', { ...secure, token_url: 'https://localhost:(tls.port)/token/' }),
  granted('over HTTP/2', { ...secure, token_url: 'https://localhost:(h2.port)/token/' }),
  refused('over TLS, not trusted', { token_url: 'https://localhost:(tls.port)/token/' }, 'tls'),
  refused('refused', { token_url: 'http://(web)/status/401' }, 'auth', 'tokens are not packed'),
  refused('not there', { token_url: 'http://127.0.0.1:1/' }, 'connect'),
  refused('a name that is not there', { token_url: 'http://no-such-host.invalid/' }, 'resolve'),
  refused('no token in the answer', { token_url: 'http://(web)/json/%7B%7D' }, 'auth', 'tokens are not packed'),
  refused('no JSON in the answer', { token_url: 'http://(web)/text/x' }, 'auth', 'tokens are not packed'),
  {
    ...granted('the target refuses all tokens', { token_url: 'http://(web)/fresh/' }),
    fails: 'auth',
    differs: ['tokens are not packed', 'a refused token is fetched anew'],
  },
  {
    ...granted('the target refuses the one token', {
      token_url: 'http://(web)/json/%7B%22access_token%22%3A%22x%22%7D',
    }),
    fails: 'auth',
    differs: ['tokens are not packed', 'a refused token is fetched anew'],
  },
  {
    ...ask('a redirect to the same name', `${web}${to('/bearer/')}`, { ...ip4, oauth2: client }),
    differs: ['tokens are not packed'],
  },
  {
    ...ask('TLS to the target', 'https://localhost:(tls.port)/bearer/', { ...trusting(), oauth2: client }),
    differs: ['tokens are not packed'],
  },
]
