import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const src = new URL('../src/', import.meta.url).pathname

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.ts'))

interface Import {
  readonly from: string
  /** A file below src, or the name of a package. */
  readonly to: string
}

const imports: readonly Import[] = files.flatMap(path =>
  [
    ...readFileSync(join(src, path), 'utf8').matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'|^import '([^']+)'/gm),
  ].map(match => {
    const specifier = match[1] ?? match[2] ?? ''
    const to = specifier.startsWith('.') ? relative(src, join(src, path, '..', specifier)) : specifier
    return { from: path, to }
  }),
)

const isFile = (to: string) => to.endsWith('.ts')
const folderOf = (path: string) => path.split('/')[0] ?? ''

/** Which folders of src a folder may import, beside itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  kit: [],
  engine: ['kit'],
  config: ['kit', 'engine/module.ts'],
  http: ['config/web-config.ts', 'config/web-tls.ts', 'engine', 'kit'],
  cli: ['config', 'engine', 'exporter.ts', 'http/listen-address.ts', 'http/web-options.ts', 'kit'], // of exporter.ts the types alone
  probers: ['kit'],
  tools: ['cli', 'commands.ts', 'config', 'engine', 'kit', 'probers'],
  demo: ['engine', 'exporter.ts', 'http/server.ts', 'threads.ts'],
  'exporter.ts': ['config', 'engine', 'http', 'kit', 'probers'],
  'commands.ts': ['cli', 'exporter.ts'],
  'main.ts': ['cli', 'commands.ts', 'threads.ts'],
}

describe('who imports whom', () => {
  test('every import stays within the rules', () => {
    const wrong = imports.filter(({ from, to }) => {
      const folder = folderOf(from)
      const may = [folder, ...(allowed[folder] ?? [])]
      return isFile(to) && !may.some(entry => to === entry || to.startsWith(`${entry}/`))
    })
    expect(wrong).toEqual([])
  })

  test('a prober imports no other prober', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        from.startsWith('probers/') &&
        from !== 'probers/index.ts' &&
        to.startsWith('probers/') &&
        from.split('/')[1] !== to.split('/')[1],
    )
    expect(wrong).toEqual([])
  })

  test('a prober is named in its folder and on its export line alone', () => {
    const names = readdirSync(join(src, 'probers'), { withFileTypes: true }).flatMap(entry =>
      entry.isDirectory() ? [entry.name] : [],
    )
    const index = readFileSync(join(src, 'probers/index.ts'), 'utf8').trim().split('\n')
    expect(index).toEqual(names.sort().map(name => `export { ${name} } from './${name}/index.ts'`))
    // A conversion is made for a prober.
    const core = files.filter(
      path => ['engine', 'config', 'cli'].includes(folderOf(path)) && !path.startsWith('cli/convert/'),
    )
    const quoted = new RegExp(`['"\`](${names.join('|')})['"\`]`)
    expect(core.filter(path => quoted.test(readFileSync(join(src, path), 'utf8')))).toEqual([])
  })
})

test('each package has one import site', () => {
  const sites: Readonly<Record<string, readonly string[]>> = {
    '@marcbachmann/cel-js': ['kit/cel.ts'],
    bcryptjs: ['kit/password-thread.ts'],
    commander: ['cli/'],
    'dns-packet': ['demo/dns-server.ts', 'probers/dns/'],
    express: ['http/app.ts'],
    fontoxpath: ['probers/api/query/xpath.ts'],
    'js-yaml': ['config/yaml.ts'],
    'json-p3': ['probers/api/query/json-'],
    'p-limit': ['kit/limiter.ts'],
    'prom-client': ['engine/exposition.ts', 'engine/push.ts'], // its client of the Pushgateway beside its registry
    re2js: ['kit/regexp.ts'],
    slimdom: ['probers/api/'],
    zod: ['kit/options.ts'],
  }
  const packages = imports.filter(({ to }) => !isFile(to) && !to.startsWith('node:'))
  const wrong = packages.filter(({ from, to }) => !sites[to]?.some(site => from.startsWith(site)))
  expect(wrong).toEqual([])
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  expect(Object.keys(dependencies).sort()).toEqual(Object.keys(sites))
  expect(new Set(packages.filter(({ to }) => to === 'dns-packet').map(({ from }) => from)).size).toBe(2)
})
