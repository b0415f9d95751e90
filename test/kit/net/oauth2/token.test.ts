import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { authorizationByOauth2 } from '../../../../src/kit/net/oauth2/token.ts'
import { temporaryFolder, until } from '../../../support/programs.ts'
import { serve } from '../../../support/servers.ts'
import { context, deafHost, numbered, sectionFor, serveTokens } from './support.ts'

const settled = (promises: readonly Promise<string>[]) =>
  Promise.all(promises.map(promise => promise.catch((error: unknown) => error)))

describe('kept', () => {
  test.each([
    ['until 10 s before its end', 100, 89_000, 'Bearer t1'],
    ['no longer', 100, 91_000, 'Bearer t2'],
    ['as long as it is not said to expire', undefined, 1e12, 'Bearer t1'],
    ['for one probe at least', 5, 0, 'Bearer t2'],
    ['for one probe, even if it has expired', -5, 0, 'Bearer t2'],
  ])('%s', async (_name, seconds, afterMs, expected) => {
    await using server = await serveTokens(numbered(seconds))
    const section = sectionFor(server)
    const ctx = context()
    expect(await authorizationByOauth2(section, ctx)).toBe('Bearer t1')
    ctx.clock.nowMs += afterMs
    expect(await authorizationByOauth2(section, ctx)).toBe(expected)
  })

  test('for its own section alone', async () => {
    await using server = await serveTokens(numbered())
    expect(await authorizationByOauth2(sectionFor(server), context())).toBe('Bearer t1')
    expect(await authorizationByOauth2(sectionFor(server), context())).toBe('Bearer t2')
  })

  test('as long as the file with the secret does not change', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'secret')
    await using server = await serveTokens(numbered())
    const section = sectionFor(server, { client_secret: undefined, client_secret_file: path })
    const get = () => authorizationByOauth2(section, context())
    await expect(get()).rejects.toMatchObject({ reason: 'not_found' })
    await writeFile(path, ' one\n')
    expect([await get(), await get()]).toEqual(['Bearer t1', 'Bearer t1'])
    await writeFile(path, 'second')
    expect([await get(), await get()]).toEqual(['Bearer t2', 'Bearer t2'])
    await rm(path)
    await expect(get()).rejects.toMatchObject({ reason: 'not_found' })
    const sent = server.asked.map(({ headers }) =>
      Buffer.from(headers.authorization?.slice(6) ?? '', 'base64').toString(),
    )
    expect(sent).toEqual(['me:one', 'me:second'])
  })
})

describe('rejected by the target', () => {
  test('a new one comes in its place, for all who have it', async () => {
    await using server = await serveTokens(numbered())
    const section = sectionFor(server)
    const first = await authorizationByOauth2(section, context())
    const again = Array.from({ length: 20 }, () => authorizationByOauth2(section, context(), first))
    expect(new Set(await settled(again))).toEqual(new Set(['Bearer t2']))
    expect(await authorizationByOauth2(section, context(), first)).toBe('Bearer t2')
    expect(await authorizationByOauth2(section, context())).toBe('Bearer t2')
    expect(server.asked).toHaveLength(2)
  })

  test('the same one again is a failure', async () => {
    await using server = await serveTokens(() => ({ body: { access_token: 'same' } }))
    const section = sectionFor(server)
    const first = await authorizationByOauth2(section, context())
    await expect(authorizationByOauth2(section, context(), first)).rejects.toMatchObject({
      reason: 'auth',
      message: 'the token server answered with the token that the target refused',
    })
    expect(server.asked).toHaveLength(2)
  })
})

describe('many at once', () => {
  test('share one request', async () => {
    await using server = await serveTokens(numbered(60))
    const section = sectionFor(server)
    const all = await settled(Array.from({ length: 50 }, () => authorizationByOauth2(section, context())))
    expect(new Set(all)).toEqual(new Set(['Bearer t1']))
    expect(server.asked).toHaveLength(1)
  })

  test('share one that is good for no other probe', async () => {
    await using server = await serveTokens(numbered(1))
    const section = sectionFor(server)
    const all = await settled(Array.from({ length: 50 }, () => authorizationByOauth2(section, context())))
    expect(new Set(all)).toEqual(new Set(['Bearer t1']))
  })

  test('share its failure, which is not kept', async () => {
    let isOpen = false
    await using server = await serveTokens((asked, count) =>
      isOpen ? numbered()(asked, count) : { status: 400, body: { error: 'invalid_client' } },
    )
    const section = sectionFor(server)
    const all = await settled(Array.from({ length: 50 }, () => authorizationByOauth2(section, context())))
    for (const error of all) expect(error).toMatchObject({ reason: 'auth' })
    expect(server.asked).toHaveLength(2) // the header, then parameters
    isOpen = true
    expect(await authorizationByOauth2(section, context())).toBe('Bearer t3')
  })

  test('share a connection that is refused', async () => {
    const section = sectionFor({ host: await deafHost() })
    const contexts = Array.from({ length: 20 }, () => context())
    const all = await settled(contexts.map(ctx => authorizationByOauth2(section, ctx)))
    for (const error of all) expect(error).toMatchObject({ message: expect.stringContaining('ECONNREFUSED') })
    const starters = contexts.filter(({ lines }) => lines.some(line => line.startsWith('asking for')))
    expect(starters).toHaveLength(1)
  })

  test('the file is looked at by each, and one request follows its change', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'secret')
    await writeFile(path, 'one')
    await using server = await serveTokens(numbered())
    const section = sectionFor(server, { client_secret: undefined, client_secret_file: path })
    const burst = () => settled(Array.from({ length: 20 }, () => authorizationByOauth2(section, context())))
    expect(new Set(await burst())).toEqual(new Set(['Bearer t1']))
    await writeFile(path, 'second')
    expect(new Set(await burst())).toEqual(new Set(['Bearer t2']))
    expect(server.asked).toHaveLength(2)
  })
})

describe('the probe that asks is aborted', () => {
  /** Answers from the n-th request on. */
  const silentUntil = (n: number) => {
    let count = 0
    return serve((_asked, response) => {
      if (++count >= n) response.end(`{"access_token":"t${count}"}`)
    })
  }

  test('the next one asks anew, and the others share that', async () => {
    await using server = await silentUntil(2)
    const section = sectionFor(server)
    const starter = context()
    const own = authorizationByOauth2(section, starter).catch((error: unknown) => error)
    await until(() => server.asked.length === 1)
    const others = Array.from({ length: 10 }, () => authorizationByOauth2(section, context()))
    const reason = new Error('deadline of the starter')
    starter.abort(reason)
    expect(await own).toBe(reason)
    expect(new Set(await settled(others))).toEqual(new Set(['Bearer t2']))
    expect(server.asked).toHaveLength(2)
    await until(() => server.connections.size === 0)
  })

  test('and the next, until one has the time', async () => {
    await using server = await silentUntil(4)
    const section = sectionFor(server)
    const reason = new Error('mine')
    const contexts = Array.from({ length: 4 }, () => context())
    const all = contexts.map(ctx => authorizationByOauth2(section, ctx).catch((error: unknown) => error))
    for (const [index, ctx] of contexts.slice(0, 3).entries()) {
      await until(() => server.asked.length === index + 1)
      ctx.abort(reason)
    }
    expect(await Promise.all(all)).toEqual([reason, reason, reason, 'Bearer t4'])
  })

  test('who waits for it leaves by its own deadline', async () => {
    await using server = await silentUntil(2)
    const section = sectionFor(server)
    const [starter, waiter] = [context(), context()]
    const own = authorizationByOauth2(section, starter).catch((error: unknown) => error)
    await until(() => server.asked.length === 1)
    const other = authorizationByOauth2(section, waiter).catch((error: unknown) => error)
    const [first, second] = [new Error('first'), new Error('second')]
    waiter.abort(second)
    expect(await other).toBe(second)
    expect(server.connections.size).toBe(1)
    starter.abort(first)
    expect(await own).toBe(first)
    expect(await authorizationByOauth2(section, context())).toBe('Bearer t2')
  })

  test('before it began: nothing is asked', async () => {
    await using server = await silentUntil(1)
    const ctx = context()
    const reason = new Error('gone')
    ctx.abort(reason)
    await expect(authorizationByOauth2(sectionFor(server), ctx)).rejects.toBe(reason)
    expect(server.asked).toEqual([])
  })
})
