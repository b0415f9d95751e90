import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readAnswer } from '../../support/probe.ts'
import { serve } from '../../support/servers.ts'
import { startSonde } from '../../support/sonde.ts'
import { redirecting } from './support.ts'

/** A server that records, and a sonde with these sets; `site` has credentials of its own, `bare` has none. */
async function start(auths: Record<string, unknown>, headers: Record<string, unknown> = {}) {
  const server = await serve(redirecting)
  const names = Object.keys(auths)
  const modules = {
    site: { prober: 'http', auths: names, http: { bearer_token: 'hunter-own', headers } },
    bare: { prober: 'http', auths: names.slice(0, 1), http: { preferred_ip_protocol: 'ip4' } },
    closed: { prober: 'http', http: { bearer_token: 'hunter-own' } },
    zone: { prober: 'dns', dns: { query_name: 'example.org' } },
  }
  const sonde = await startSonde(JSON.stringify({ auths, modules }))
  return {
    server,
    sonde,
    /** Probes; tells the answer, and the Authorization that arrived with the last request, if any did. */
    async ask(query: Record<string, string>) {
      const before = server.asked.length
      const params = new URLSearchParams({ target: server.host, ...query })
      const answer = await readAnswer(await sonde.get(`/probe?${params}`), sonde.lines)
      const requests = server.asked.slice(before)
      return { answer, requests, sent: requests[0]?.headers.authorization }
    },
    async [Symbol.asyncDispose]() {
      await sonde[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const basic = (text: string) => `Basic ${btoa(text)}`

test('each set, by each module that names it, and none', async () => {
  await using probes = await start({
    prod: { basic_auth: { username: 'me', password: 'hunter2' } },
    staging: { bearer_token: 'hunter3' },
    scheme: { authorization: { type: 'ApiKey', credentials: 'hunter4' } },
  })
  const sentBy = async (query: Record<string, string>) => (await probes.ask(query)).sent
  expect(await sentBy({ module: 'site' })).toBe('Bearer hunter-own')
  expect(await sentBy({ module: 'site', auth: 'prod' })).toBe(basic('me:hunter2'))
  expect(await sentBy({ module: 'site', auth: 'staging' })).toBe('Bearer hunter3')
  expect(await sentBy({ module: 'site', auth: 'scheme' })).toBe('ApiKey hunter4')
  expect(await sentBy({ module: 'bare', auth: 'prod' })).toBe(basic('me:hunter2'))
  expect(await sentBy({ module: 'bare' })).toBeUndefined()
  expect(await sentBy({ module: 'closed' })).toBe('Bearer hunter-own')
  expect(probes.sonde.lines.join('')).not.toMatch(/hunter|declare/)
})

test.each([
  ['a set that does not exist', { module: 'site', auth: 'nope' }],
  ['a set of other modules', { module: 'bare', auth: 'staging' }],
  ['empty text', { module: 'site', auth: '' }],
  ['the name of something that every object has', { module: 'site', auth: 'constructor' }],
  ['a module that names none', { module: 'closed', auth: 'prod' }],
  ['a prober without credentials', { module: 'zone', auth: 'prod' }],
])('%s: 400, nothing is sent, and the names stay unknown', async (_name, query) => {
  await using probes = await start({ prod: { bearer_token: 'x' }, staging: { bearer_token: 'y' } })
  const { answer, requests } = await probes.ask(query)
  expect([answer.status, answer.text]).toEqual([
    400,
    `module '${query.module}' does not accept the auth that was asked for\n`,
  ])
  expect(requests).toEqual([])
})

test('debug=true names the set and hides what it holds', async () => {
  await using probes = await start({ prod: { basic_auth: { username: 'me', password: 'hunter2' } } })
  const { answer } = await probes.ask({ module: 'site', auth: 'prod', debug: 'true' })
  expect(answer.text).toContain('msg="using a set of credentials" auth=prod')
  expect(answer.text).toContain('Authorization: <secret>')
  expect(answer.text).toMatch(/auths:\n +- prod\n/)
  expect(answer.text).toMatch(/prod:\n +basic_auth:\n +username: me\n +password: <secret>\n/)
  const config = await (await probes.sonde.get('/config')).text()
  expect(config).toMatch(/password: <secret>/)
  expect(answer.text + answer.log + config).not.toMatch(/hunter|aHVudGVy/)
})

test('files of a set are read again when they change, for every module', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-'))
  const [password, token] = [join(folder, 'password'), join(folder, 'token')]
  await using probes = await start({
    prod: { basic_auth: { username: 'me', password_file: password } },
    staging: { bearer_token_file: token },
  })
  expect((await probes.ask({ module: 'site', auth: 'prod' })).answer.reason).toBe('not_found')
  for (const word of ['one', 'and two']) {
    await writeFile(password, `${word}\n`)
    await writeFile(token, word)
    expect((await probes.ask({ module: 'site', auth: 'prod' })).sent).toBe(basic(`me:${word}`))
    expect((await probes.ask({ module: 'bare', auth: 'prod' })).sent).toBe(basic(`me:${word}`))
    expect((await probes.ask({ module: 'site', auth: 'staging' })).sent).toBe(`Bearer ${word}`)
  }
  await rm(folder, { recursive: true })
  expect((await probes.ask({ module: 'site', auth: 'prod' })).answer.reason).toBe('not_found')
  expect((await probes.ask({ module: 'site' })).sent).toBe('Bearer hunter-own')
})

test('a set takes the place of a header Authorization', async () => {
  await using probes = await start({ prod: { bearer_token: 'x' } }, { AUTHORIZATION: 'mine', 'X-Key': 'k' })
  expect((await probes.ask({ module: 'site' })).sent).toBe('mine')
  const { sent, requests } = await probes.ask({ module: 'site', auth: 'prod' })
  expect([sent, requests[0]?.headers['x-key']]).toEqual(['Bearer x', 'k'])
})

test('a set goes to the host of the target alone', async () => {
  await using probes = await start({ prod: { bearer_token: 'x' } })
  const away = encodeURIComponent(`http://${probes.server.host}/end`)
  const target = `http://localhost:${probes.server.port}/to/302/${away}`
  const { requests } = await probes.ask({ module: 'bare', auth: 'prod', target })
  expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer x', undefined])
})

test('modules share the OAuth 2.0 token of a set', async () => {
  let count = 0
  await using tokens = await serve((_request, response) => {
    count++
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ access_token: `token-${count}`, token_type: 'Bearer', expires_in: 3600 }))
  })
  const oauth2 = { client_id: 'me', client_secret: 'hunter2', token_url: `http://${tokens.host}/token` }
  await using probes = await start({ prod: { oauth2 }, staging: { oauth2 } })
  const sentBy = async (module: string, auth: string) => (await probes.ask({ module, auth })).sent
  expect(await sentBy('site', 'prod')).toBe('Bearer token-1')
  expect(await sentBy('bare', 'prod')).toBe('Bearer token-1')
  expect(await sentBy('site', 'staging')).toBe('Bearer token-2')
  expect(probes.sonde.lines.join('')).not.toMatch(/hunter|token-/)
})
