import { verify } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { classify } from '../../../../src/kit/classify.ts'
import { Denied } from '../../../../src/kit/failure.ts'
import { authorizationByOauth2 } from '../../../../src/kit/net/oauth2/token.ts'
import { identity, pemFile } from '../../../support/identities.ts'
import { temporaryFolder, until } from '../../../support/programs.ts'
import { startHttpProxy } from '../../../support/proxies.ts'
import { type Asked, serve, serveRaw } from '../../../support/servers.ts'
import {
  basicOf,
  context,
  deafHost,
  formOf,
  jwtBearer,
  newRsaPair,
  numbered,
  sectionFor,
  serveTokens,
} from './support.ts'

const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    value => {
      throw new Error(`expected a failure, got ${value}`)
    },
    (error: Error) => error,
  )

const refused = { status: 401, body: { error: 'invalid_client' } }
const byHeader = ({ headers }: Asked) => headers.authorization !== undefined

describe('client credentials', () => {
  test('in the header, with everything that can be asked for', async () => {
    await using server = await serveTokens(numbered(60))
    const section = sectionFor(server, { scopes: ['read', 'write'], endpoint_params: { audience: 'x y' } })
    expect(await authorizationByOauth2(section, context())).toBe('Bearer t1')
    const [asked] = server.asked
    expect(asked).toMatchObject({ method: 'POST', url: '/token' })
    expect(asked?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(asked && basicOf(asked)).toBe('me:hunter2%21')
    expect(asked && formOf(asked)).toEqual({
      grant_type: 'client_credentials',
      scope: 'read write',
      audience: 'x y',
    })
    await until(() => server.connections.size === 0)
  })

  test('id and secret are form-encoded in the header, as Go does it', async () => {
    await using server = await serveTokens(numbered())
    await authorizationByOauth2(sectionFor(server, { client_id: 'a:b c', client_secret: "ü%+'~*" }), context())
    expect(server.asked.map(basicOf)).toEqual(['a%3Ab+c:%C3%BC%25%2B%27~%2A'])
  })

  test('no secret at all', async () => {
    await using server = await serveTokens(numbered())
    await authorizationByOauth2(sectionFor(server, { client_secret: undefined }), context())
    expect(server.asked.map(basicOf)).toEqual(['me:'])
  })

  test('another grant_type for a server that wants it so', async () => {
    await using server = await serveTokens(numbered())
    await authorizationByOauth2(sectionFor(server, { endpoint_params: { grant_type: 'own' } }), context())
    expect(server.asked.map(formOf)).toEqual([{ grant_type: 'own' }])
  })

  test('as parameters, when the server does not take the header; it is remembered', async () => {
    await using server = await serveTokens((asked, count) => (byHeader(asked) ? refused : numbered(60)(asked, count)))
    const section = sectionFor(server, { client_secret: 'a&b=c ü' })
    const ctx = context()
    expect(await authorizationByOauth2(section, ctx)).toBe('Bearer t2')
    ctx.clock.nowMs += 60_000
    expect(await authorizationByOauth2(section, ctx)).toBe('Bearer t3')
    expect(server.asked.map(byHeader)).toEqual([true, false, false])
    expect(server.asked.slice(1).map(formOf)).toEqual(
      Array(2).fill({ grant_type: 'client_credentials', client_id: 'me', client_secret: 'a&b=c ü' }),
    )
    expect(ctx.lines.join('\n')).toContain(
      'trying them as parameters answer=the token server refused: 401 invalid_client',
    )
  })

  test('what worked once is not guessed again', async () => {
    await using server = await serveTokens((asked, count) => (count === 1 ? numbered(60)(asked, count) : refused))
    const section = sectionFor(server)
    const ctx = context()
    await authorizationByOauth2(section, ctx)
    ctx.clock.nowMs += 60_000
    expect(await failure(authorizationByOauth2(section, ctx))).toMatchObject({ reason: 'auth' })
    expect(server.asked.map(byHeader)).toEqual([true, true])
  })

  test('refused both ways: the second answer counts', async () => {
    await using server = await serveTokens(asked =>
      byHeader(asked)
        ? refused
        : { status: 400, body: { error: 'invalid_request', error_description: 'no hunter2! for opensesame' } },
    )
    const section = sectionFor(server, { endpoint_params: { password: 'opensesame' } })
    expect(await failure(authorizationByOauth2(section, context()))).toMatchObject({
      reason: 'auth',
      message: 'the token server refused: 400 invalid_request (no <secret> for <secret>)',
    })
  })
})

describe('JWT bearer', () => {
  const { privateKey, publicKey } = newRsaPair()
  const options = { grant_type: jwtBearer, client_secret: undefined, client_certificate_key: privateKey }

  test('a signed assertion, and no credentials beside it', async () => {
    await using server = await serveTokens(numbered(60))
    const section = sectionFor(server, { ...options, scopes: ['a', 'b'], endpoint_params: { resource: 'c' } })
    expect(await authorizationByOauth2(section, context())).toBe('Bearer t1')
    const { assertion = '', ...others } = formOf(server.asked[0] as Asked)
    expect(others).toEqual({ grant_type: jwtBearer, scope: 'a b', resource: 'c' })
    const [head, claims, signature = ''] = assertion.split('.')
    const octets = Buffer.from(`${head}.${claims}`)
    expect(verify('sha256', octets, publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
    expect(server.asked[0]?.headers.authorization).toBeUndefined()
  })

  test('refused once is refused', async () => {
    await using server = await serveTokens(() => ({ status: 400, body: { error: 'invalid_grant' } }))
    expect(await failure(authorizationByOauth2(sectionFor(server, options), context()))).toMatchObject({
      reason: 'auth',
      message: 'the token server refused: 400 invalid_grant',
    })
    expect(server.asked).toHaveLength(1)
  })

  test('a key from a file, read again when it changes', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'key.pem')
    const other = newRsaPair()
    await using server = await serveTokens(numbered())
    await writeFile(path, privateKey)
    const section = sectionFor(server, {
      grant_type: jwtBearer,
      client_secret: undefined,
      client_certificate_key_file: path,
    })
    await authorizationByOauth2(section, context())
    await authorizationByOauth2(section, context())
    await writeFile(path, `${other.privateKey}\n`)
    await authorizationByOauth2(section, context())
    const isBy = (key: string) => (asked: Asked) => {
      const [head, claims, signature = ''] = (formOf(asked).assertion ?? '').split('.')
      return verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'))
    }
    expect(server.asked.map(isBy(publicKey))).toEqual([true, false])
    expect(server.asked.map(isBy(other.publicKey))).toEqual([false, true])
    await writeFile(path, 'nonsense')
    expect(await failure(authorizationByOauth2(section, context()))).toMatchObject({ reason: 'auth' })
  })
})

describe('over TLS', () => {
  test('with the authority of its own tls_config', async () => {
    await using server = await serve(
      (_asked, response) => response.end('{"access_token":"t"}'),
      identity('server', 'intermediate.crt'),
    )
    const section = sectionFor(server, {
      token_url: `https://localhost:${server.port}/token`,
      tls_config: { ca_file: pemFile('ca.crt') },
    })
    expect(await authorizationByOauth2(section, context())).toBe('Bearer t')
  })

  test('a certificate that is not accepted: nothing is sent', async () => {
    await using server = await serve((_asked, response) => response.end('{}'), identity('self-signed'))
    const section = sectionFor(server, { token_url: `https://localhost:${server.port}/token` })
    const error = await failure(authorizationByOauth2(section, context()))
    expect([classify(error), error.message]).toEqual(['tls', expect.stringMatching(/^the token request failed: cert/)])
    expect(server.asked).toEqual([])
  })
})

describe('through its own proxy', () => {
  test('which gets the name as it is, and the credentials', async () => {
    await using proxy = await startHttpProxy({ login: 'user:pass' })
    await using server = await serveTokens(numbered())
    const url = `http://token.test:${server.port}/token`
    const section = sectionFor(server, { token_url: url, proxy_url: `http://user:pass@${proxy.host}` })
    expect(await authorizationByOauth2(section, context())).toBe('Bearer t1')
    expect(proxy.asked).toMatchObject([{ method: 'POST', url }])
    expect(server.asked.map(basicOf)).toEqual(['me:hunter2%21'])
  })

  test('by a tunnel for https', async () => {
    await using proxy = await startHttpProxy()
    await using server = await serve(
      (_asked, response) => response.end('{"access_token":"t"}'),
      identity('server', 'intermediate.crt'),
    )
    const section = sectionFor(server, {
      token_url: `https://sonde.test:${server.port}/token`,
      tls_config: { ca_file: pemFile('ca.crt') },
      proxy_url: `http://${proxy.host}`,
    })
    expect(await authorizationByOauth2(section, context())).toBe('Bearer t')
    expect(proxy.asked).toMatchObject([{ method: 'CONNECT', url: `sonde.test:${server.port}` }])
  })

  test('which refuses: that is no answer of the token server', async () => {
    await using proxy = await startHttpProxy({ login: 'user:pass' })
    const section = sectionFor(
      { host: 'token.test' },
      {
        token_url: 'https://token.test/',
        proxy_url: `http://user:other@${proxy.host}`,
      },
    )
    const error = await failure(authorizationByOauth2(section, context()))
    expect([classify(error), error.message]).toEqual(['auth', expect.stringMatching(/^the token request failed: /)])
    expect(proxy.asked).toHaveLength(1)
  })
})

describe('redirects', () => {
  const redirecting = (status: number, location: string) =>
    serve((request, response) => {
      if (request.url === '/token') response.writeHead(status, { location }).end()
      else response.end('{"access_token":"t"}')
    })

  test.each([307, 308])('%i on the same host is followed, with the whole request', async status => {
    await using server = await redirecting(status, '/other?x')
    expect(await authorizationByOauth2(sectionFor(server), context())).toBe('Bearer t')
    const [first, second] = server.asked
    expect(second).toMatchObject({ method: 'POST', url: '/other?x', body: first?.body })
    expect(second?.headers.authorization).toBe(first?.headers.authorization)
  })

  test.each([301, 302, 303])('%i is not: the request would go without its body', async status => {
    await using server = await redirecting(status, '/other')
    expect(await failure(authorizationByOauth2(sectionFor(server), context()))).toMatchObject({
      reason: 'auth',
      message: `the token server redirects with ${status}, which drops the request`,
    })
    expect(server.asked.map(({ url }) => url)).toEqual(['/token', '/token'])
  })

  test('another host gets no secrets', async () => {
    await using other = await serve((_asked, response) => response.end('{"access_token":"t"}'))
    await using server = await redirecting(307, `http://localhost:${other.port}/`)
    expect(await failure(authorizationByOauth2(sectionFor(server), context()))).toMatchObject({
      reason: 'auth',
      message: expect.stringContaining('redirects to another host'),
    })
    expect(other.connections.size).toBe(0)
    expect(other.asked).toEqual([])
  })

  test('neither does the same host without TLS', async () => {
    await using other = await serve((_asked, response) => response.end('{"access_token":"t"}'))
    await using server = await serve(
      (_asked, response) => response.writeHead(307, { location: `http://localhost:${other.port}/` }).end(),
      identity('server', 'intermediate.crt'),
    )
    const section = sectionFor(server, {
      token_url: `https://localhost:${server.port}/`,
      tls_config: { ca_file: pemFile('ca.crt') },
    })
    expect(await failure(authorizationByOauth2(section, context()))).toMatchObject({ reason: 'auth' })
    expect(other.asked).toEqual([])
  })

  test('a loop ends', async () => {
    await using server = await redirecting(307, '/token')
    const section = sectionFor(server, { grant_type: jwtBearer, client_certificate_key: newRsaPair().privateKey })
    expect(await failure(authorizationByOauth2(section, context()))).toMatchObject({
      reason: 'auth',
      message: 'the token server redirects more than 10 times',
    })
    expect(server.asked).toHaveLength(11)
  })
})

describe('a server that does not answer with a token', () => {
  const reasonOf = async (promise: Promise<unknown>) => classify(await failure(promise))

  test('refused connection', async () => {
    const error = await failure(authorizationByOauth2(sectionFor({ host: await deafHost() }), context()))
    expect([classify(error), error.message]).toEqual([
      'connect',
      expect.stringMatching(/^the token request failed: .*ECONNREFUSED/),
    ])
  })

  test('a name that does not exist', async () => {
    const section = sectionFor({ host: 'nope.invalid' })
    expect(await reasonOf(authorizationByOauth2(section, context()))).toBe('resolve')
  })

  test('more than a token needs', async () => {
    await using server = await serveTokens(() => ({ body: { access_token: 'a', x: 'y'.repeat(2 ** 20) } }))
    expect(await reasonOf(authorizationByOauth2(sectionFor(server), context()))).toBe('too_large')
    expect(server.asked).toHaveLength(1)
    await until(() => server.connections.size === 0)
  })

  test.each([
    ['no HTTP', 'SSH-2.0-x\r\n'],
    ['a body that breaks off', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"access_token":'],
    ['redirected to a file', 'HTTP/1.1 307 X\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n'],
  ])('%s', async (_name, said) => {
    await using server = await serveRaw(socket => socket.once('data', () => socket.end(said)))
    expect(await reasonOf(authorizationByOauth2(sectionFor(server), context()))).toBe('protocol')
  })

  test('an error page', async () => {
    await using server = await serveTokens(() => ({ status: 502, type: 'text/html', body: '<h1>Bad Gateway</h1>' }))
    expect(await failure(authorizationByOauth2(sectionFor(server), context()))).toMatchObject({
      reason: 'auth',
      message: 'the token server refused: 502',
    })
  })

  test.each([
    ['before the head', ''],
    ['in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"access_token":'],
  ])('silence %s ends with the signal, and so does the connection', async (_name, said) => {
    await using server = await serveRaw(socket => socket.once('data', () => socket.write(said)))
    const ctx = context()
    const error = failure(authorizationByOauth2(sectionFor(server), ctx))
    await until(() => server.connections.size === 1)
    const reason = new Error('enough')
    ctx.abort(reason)
    expect(await error).toBe(reason)
    await until(() => server.connections.size === 0)
  })
})

test('the policy judges targets, not the token server that the operator named', async () => {
  await using server = await serveTokens(numbered())
  const judge = () => {
    throw new Denied('host')
  }
  const ctx = { ...context(), policy: { judge } }
  expect(await authorizationByOauth2(sectionFor(server), ctx)).toBe('Bearer t1')
})

test('the log tells where it asked and for how long the token is good, and no secret', async () => {
  const { privateKey } = newRsaPair()
  await using server = await serve((asked, response, body) => {
    response.setHeader('X-Echo', [asked.headers.authorization ?? '', encodeURIComponent(body)])
    response.setHeader('X-Token', 'precious')
    response.end('{"access_token":"precious","expires_in":60}')
  })
  const ctx = context()
  const credentials = sectionFor(server, { token_url: `http://${server.host}/token?key=hidden` })
  const jwt = sectionFor(server, { grant_type: jwtBearer, client_certificate_key: privateKey })
  for (const section of [credentials, credentials, jwt]) await authorizationByOauth2(section, ctx)
  const log = ctx.lines.join('\n')
  expect(log).toContain(`asking for an OAuth 2.0 token url=http://${server.host}/token?… client_id=me`)
  expect(log).toContain('got an OAuth 2.0 token type=Bearer expires_in_seconds=60')
  expect(log).toContain('using the OAuth 2.0 token it got before expires_in_seconds=60')
  const basic = Buffer.from('me:hunter2%21').toString('base64')
  const assertion = formOf(server.asked[1] as Asked).assertion as string
  for (const secret of ['hunter2', 'precious', 'hidden', basic, assertion]) expect(log).not.toContain(secret)
})
