import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createLoader } from '../../src/config/load.ts'
import { formatProblem } from '../../src/engine/module.ts'
import { loadConfig } from '../../src/exporter.ts'
import { authOptions, type HttpAuth, replaceAuth } from '../../src/kit/net/http/auth-options.ts'
import { z } from '../../src/kit/options.ts'
import { defineProber, type RawRequest } from '../../src/kit/prober.ts'

const warningsOf = (yaml: string) => loadConfig(yaml, 'x.yaml').warnings.map(formatProblem)

/** Beside that for modules with credentials that anybody may be sent. */
const otherWarningsOf = (yaml: string) => warningsOf(yaml).filter(line => !line.includes('sends credentials (auths)'))

const everyWay = `
auths:
  basic: {basic_auth: {username: u, password_file: /dev/null}}
  scheme: {authorization: {type: ApiKey, credentials: x}}
  token: {bearer_token: x}
  file: {bearer_token_file: /dev/null}
  oauth2: {oauth2: {client_id: a, client_secret: x, token_url: 'https://token.test/'}}
modules:
  m: {prober: http, auths: [basic, scheme, token, file, oauth2]}
`

describe('loading', () => {
  test.each([
    ['no section', 'modules: {m: {prober: http}}'],
    ['an empty section', 'auths:\nmodules: {m: {prober: http, auths: }}'],
    ['an empty map and an empty list', 'auths: {}\nmodules: {m: {prober: http, auths: []}}'],
    ['the section after the modules', 'modules: {m: {prober: http, auths: [a]}}\nauths: {a: {bearer_token: x}}'],
    ['a name that is a number', 'auths: {7: {bearer_token: x}}\nmodules: {m: {prober: http, auths: [7]}}'],
    ['a set twice', 'auths: {a: {bearer_token: x}}\nmodules: {m: {prober: http, auths: [a, a]}}'],
    ['every way', everyWay],
  ])('%s', (_name, yaml) => {
    expect(otherWarningsOf(yaml)).toEqual([])
  })

  test('a name that every object has is no set', () => {
    expect(() => loadConfig('auths: {}\nmodules: {m: {prober: http, auths: [constructor]}}', 'x.yaml')).toThrow(
      'x.yaml:2:37 modules.m.auths.0: the file has no such set under auths',
    )
  })

  test('a set that nobody names is warned of, and so is what a named one lacks, once', () => {
    const yaml = `
auths:
  lonely: {bearer_token: x}
  shared: {basic_auth: {username: u, password_file: /no/password}}
modules:
  one: {prober: http, auths: [shared], http: {body_file: /no/body}}
  two: {prober: http, auths: [shared]}
`
    expect(otherWarningsOf(yaml)).toEqual([
      'x.yaml:3:3 auths.lonely: no module names this set in its auths',
      'x.yaml:4:3 auths.shared: basic_auth.password_file: file /no/password is missing',
      'x.yaml:6:40 modules.one.http: body_file: file /no/body is missing',
    ])
  })
})

test('what is shown of it can be read again, and tells no secret', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-'))
  await writeFile(join(folder, 'key'), 'hunter5')
  const yaml = `
auths:
  prod: {basic_auth: {username: me, password: hunter2}}
  dev: {authorization: {type: ApiKey, credentials: hunter3}}
  unused: {bearer_token: hunter4}
modules:
  site: {prober: http, auths: [prod, dev], http: {headers: {A: {secrets: [hunter6], files: [${folder}/key]}}}}
  open: {prober: http}
`
  const snapshot = loadConfig(yaml, 'x.yaml')
  const shown = snapshot.describe()
  const site = snapshot.modules.get('site')
  const ofModule = site !== undefined && 'describe' in site ? site.describe() : ''
  await rm(folder, { recursive: true })
  for (const text of [shown, ofModule]) {
    expect(text).toMatch(/prod:\n +basic_auth:\n +username: me\n +password: <secret>\n/)
    expect(text).toMatch(/dev:\n +authorization:\n +type: ApiKey\n +credentials: <secret>\n/)
    expect(text).toMatch(/auths:\n +- prod\n +- dev\n/)
    expect(text).not.toContain('hunter')
  }
  expect(shown).toMatch(/unused:\n +bearer_token: <secret>\n/)
  expect(ofModule).not.toContain('unused')
  expect(loadConfig(shown, 'y.yaml').describe()).toBe(shown)
})

describe('a prober that takes credentials', () => {
  /** Keeps what it is asked with. */
  function load(yaml: string) {
    const asked: { request: RawRequest; options: HttpAuth }[] = []
    const keeper = defineProber({
      name: 'keeper',
      options: z.strictObject({ ...authOptions, other: z.string().default('kept') }),
      metrics: [],
      params: () => ['colour'],
      withAuth: replaceAuth,
      unavailable: ({ oauth2 }) => (oauth2?.client_id === 'refused' ? 'of its client' : undefined),
      accept: (request, options) => void asked.push({ request, options }),
      probe: async () => {},
    })
    const { modules } = createLoader([keeper])([{ text: yaml, file: 'x.yaml' }])
    const prepare = (name: string, params: Record<string, string> = {}) => {
      const module = modules.get(name)
      if (module === undefined || 'refused' in module) throw new Error(module?.refused)
      module.prepare({ target: 't', params: new Map(Object.entries(params)) })
      return asked.at(-1)
    }
    return { prepare, modules }
  }

  const yaml = `
auths:
  token: {oauth2: {client_id: a, token_url: 'https://token.test/'}}
  basic: {basic_auth: {username: u}}
modules:
  one: {prober: keeper, auths: [token, basic], keeper: {bearer_token_file: /dev/null, other: x}}
  two: {prober: keeper, auths: [token]}
`

  test('gets its options with those of the set and nothing of its own', () => {
    const { prepare } = load(yaml)
    expect(prepare('one')?.options).toMatchObject({ bearer_token_file: '/dev/null', other: 'x' })
    const { options } = prepare('one', { auth: 'basic' }) ?? {}
    expect(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)).toEqual([
      ['other', 'x'],
      ['basic_auth', { username: 'u' }],
    ])
  })

  test('gets them frozen, the same ones every time', () => {
    const { prepare } = load(yaml)
    const options = prepare('one', { auth: 'basic' })?.options
    expect(prepare('one', { auth: 'basic' })?.options).toBe(options)
    expect(Object.isFrozen(options)).toBe(true)
    expect(Object.isFrozen(options?.basic_auth)).toBe(true)
  })

  test('shares what a set holds with other modules: tokens are kept by it', () => {
    const { prepare } = load(yaml)
    const oauth2 = prepare('one', { auth: 'token' })?.options.oauth2
    expect(oauth2?.client_id).toBe('a')
    expect(prepare('two', { auth: 'token' })?.options.oauth2).toBe(oauth2)
  })

  test('does not see the parameter', () => {
    const { prepare, modules } = load(yaml)
    expect([...(prepare('one', { auth: 'basic', colour: 'red' })?.request.params ?? [])]).toEqual([['colour', 'red']])
    expect(modules.get('two')).toMatchObject({ params: new Set(['colour', 'auth']) })
  })

  test('can refuse a set, and the module with it', () => {
    const { prepare } = load(yaml.replace('client_id: a', 'client_id: refused'))
    expect(() => prepare('two')).toThrow("module 'two' cannot run: of its client")
  })
})
