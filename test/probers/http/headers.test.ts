import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/exporter.ts'
import { version } from '../../../src/kit/version.ts'
import { type Asked, serve } from '../../support/servers.ts'
import { startSonde } from '../../support/sonde.ts'
import { probeHttp, redirecting } from './support.ts'

const valuesOf = ({ rawHeaders }: Asked, name: string) => rawHeaders.filter((_, at) => rawHeaders[at - 1] === name)

describe('headers with sources', () => {
  test('all values, secrets and files, also under names that http_headers refuses', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sonde-'))
    await writeFile(join(folder, 'key'), ' hunter3\n')
    await using server = await serve(redirecting)
    const headers = {
      'X-Key': { values: ['open'], secrets: ['hunter2'], files: [join(folder, 'key')] },
      'X-Open': 'text',
      Authorization: { secrets: ['Token hunter4'] },
      'User-Agent': { values: ['mine'] },
      Cookie: { secrets: ['a=hunter5'] },
    }
    const http_headers = { 'X-Key': { secrets: ['hunter6'] } }
    const answer = await probeHttp(
      server.host,
      { headers, http_headers, bearer_token: 'x' },
      { query: { debug: 'true' } },
    )
    await rm(folder, { recursive: true })
    const [asked] = server.asked as [Asked]
    expect(valuesOf(asked, 'X-Key')).toEqual(['open', 'hunter2', 'hunter3', 'hunter6'])
    expect(asked.headers).toMatchObject({
      'x-open': 'text',
      authorization: 'Token hunter4',
      'user-agent': 'mine',
      cookie: 'a=hunter5',
    })
    expect(answer.text).toMatch(/X-Key: <secret>.*Authorization: <secret>/)
    expect(answer.text).toContain('- <secret>')
    expect(answer.text + answer.log).not.toContain('hunter')
  })

  test('a file is read again when it changes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sonde-'))
    const file = join(folder, 'key')
    await writeFile(file, 'one')
    await using server = await serve(redirecting)
    await using sonde = await startSonde(`modules: {m: {prober: http, http: {headers: {X-Key: {files: [${file}]}}}}}`)
    const ask = async () => {
      const text = await (await sonde.get(`/probe?module=m&target=${server.host}`)).text()
      return [/reason="(\w+)"/.exec(text)?.[1], server.asked.at(-1)?.headers['x-key']]
    }
    expect(await ask()).toEqual([undefined, 'one'])
    await writeFile(file, 'number two')
    expect(await ask()).toEqual([undefined, 'number two'])
    await writeFile(file, 'two\nlines')
    expect((await ask())[0]).toBe('denied')
    await rm(folder, { recursive: true })
    expect((await ask())[0]).toBe('not_found')
    expect(server.asked).toHaveLength(2)
  })

  test('secrets stay with the host of the target; text and values go along as before', async () => {
    await using server = await serve(redirecting)
    const headers = {
      'X-Key': { values: ['open'], secrets: ['hunter2'] },
      'User-Agent': { secrets: ['hunter3'] },
      Authorization: { values: ['hunter4'] },
      Cookie: { values: ['a=hunter5'] },
    }
    const away = encodeURIComponent(`http://${server.host}/end`)
    const target = `http://localhost:${server.port}/to/302/${away}`
    const answer = await probeHttp(target, { headers, preferred_ip_protocol: 'ip4', bearer_token: 'hunter6' })
    expect(answer.reason).toBeUndefined()
    const [first, second] = server.asked as [Asked, Asked]
    expect(valuesOf(first, 'X-Key')).toEqual(['open', 'hunter2'])
    expect(valuesOf(second, 'X-Key')).toEqual(['open'])
    expect(second.headers['user-agent']).toBe(`sonde/${version}`)
    expect(second.rawHeaders.join()).not.toContain('hunter')
  })

  test('a file that is not there is warned of', () => {
    const yaml = 'modules: {m: {prober: http, http: {headers: {A: {files: [/no/key]}}}}}'
    expect(loadConfig(yaml, 'x.yaml').warnings.map(({ message }) => message)).toContain(
      'headers.A.files.0: file /no/key is missing',
    )
  })

  test('keys without a value mean the default', () => {
    const yaml = 'modules: {m: {prober: http, http: {headers: {A: {values:, secrets:, files: }, B: }}}}'
    expect(loadConfig(yaml, 'x.yaml').describe()).toMatch(/A:\n +values: \[\]\n +secrets: \[\]\n +files: \[\]\n +\w/)
  })
})
