import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesOf } from '../../src/config/glob.ts'
import { readSources } from '../../src/config/sources.ts'
import { createLogger } from '../../src/engine/logger.ts'
import { formatProblem } from '../../src/engine/module.ts'
import { createExporter, readConfig } from '../../src/exporter.ts'
import { runHere } from '../cli/support.ts'
import { echo } from '../support/probers.ts'
import { temporaryFolder } from '../support/programs.ts'

const module = (name: string, more = '') => `modules: {${name}: {prober: dhcp, dhcp: {roots: [${name}]}}}\n${more}`

/** A folder with these files. */
async function folderWith(files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder.path, name, '..'), { recursive: true })
    await writeFile(join(folder.path, name), text)
  }
  return folder
}

describe('patterns', () => {
  const names = ['a.yaml', 'b.yaml', 'b.yml', '.c.yaml', 'd1/x.yaml', 'd2/x.yaml', 'd2/y.yaml', 'e[1].yaml', 'f(x.yaml']

  test.each([
    ['*.yaml', ['a.yaml', 'b.yaml', 'e[1].yaml', 'f(x.yaml']],
    ['?.y*ml', ['a.yaml', 'b.yaml', 'b.yml']],
    ['[!a].yaml', ['b.yaml']],
    ['[^a].yaml', ['b.yaml']],
    ['[a-b].yaml', ['a.yaml', 'b.yaml']],
    ['.*.yaml', ['.c.yaml']],
    ['d*/x.yaml', ['d1/x.yaml', 'd2/x.yaml']],
    ['d?/*', ['d1/x.yaml', 'd2/x.yaml', 'd2/y.yaml']],
    ['d*/../a.y*', ['d1/../a.yaml', 'd2/../a.yaml']],
    ['f(*', ['f(x.yaml']],
    ['*', ['a.yaml', 'b.yaml', 'b.yml', 'e[1].yaml', 'f(x.yaml']],
    ['nope/*', []],
    ['a.yaml/*', []],
    ['*.json', []],
  ])('%s', async (pattern, expected) => {
    await using folder = await folderWith(Object.fromEntries(names.map(name => [name, ''])))
    const found = await filesOf(`${folder.path}/${pattern}`)
    expect(found).toEqual(expected.map(name => `${folder.path}/${name}`))
  })

  test('a range that is none is told with its pattern', async () => {
    await using folder = await folderWith({ 'a.yaml': '' })
    await expect(readSources([`${folder.path}/[z-a].yaml`])).rejects.toThrow('bad pattern [z-a].yaml: expected ranges')
  })

  test('a file whose name looks like a pattern is that file; each file is read once', async () => {
    await using folder = await folderWith({ 'e[1].yaml': 'x', 'e1.yaml': 'y' })
    const read = await readSources([`${folder.path}/e[1].yaml`, `${folder.path}/*.yaml`, `${folder.path}/./e1.yaml`])
    expect(read.sources.map(({ text }) => text)).toEqual(['x', 'y'])
  })
})

describe('several files', () => {
  test('make one configuration: modules of all, sets and targets of each, paths from its own folder', async () => {
    await using folder = await folderWith({
      'main.yaml':
        'targets: {deny: [a.test]}\nauths: {x: {bearer_token: one}}\nmodules: {web: {prober: http, auths: [x]}}',
      'conf.d/b.yaml': `auths: {x: {bearer_token: two}}\nmodules: {web2: {prober: http, auths: [x]}}`,
      'conf.d/a.yaml': module('leases'),
    })
    const {
      modules,
      describe: shown,
      warnings,
    } = await readConfig([`${folder.path}/main.yaml`, `${folder.path}/conf.d/*.yaml`])
    expect([...modules.keys()]).toEqual(['web', 'leases', 'web2'])
    expect(shown()).toContain(`- ${folder.path}/conf.d/leases`)
    expect(
      shown()
        .split('---\n')
        .map(part => part.split('\n')[0]),
    ).toEqual([`# ${folder.path}/main.yaml`, `# ${folder.path}/conf.d/a.yaml`, `# ${folder.path}/conf.d/b.yaml`])
    expect(warnings.map(({ file }) => file.slice(folder.path.length))).toEqual(['/main.yaml', '/conf.d/b.yaml'])
    const judge = (name: string) => () => {
      const found = modules.get(name)
      if (found !== undefined && 'policy' in found) found.policy.judge({ host: 'a.test', port: 80 })
    }
    expect(judge('web')).toThrow('host')
    expect(judge('web2')).not.toThrow()
  })

  test('every mistake of every file is told, and a name that is taken, with both places', async () => {
    await using folder = await folderWith({
      'a.yaml': 'modules:\n  same: {prober: dhcp, dhcp: {roots: [/a]}}\n',
      'b.yaml': 'modules:\n  other: {prober: dhcp, dhcp: {roots: [/a]}}\n  same: {prober: dhcp, dhcp: {roots: [/a]}}\n',
      'c.yaml': 'modules:\n  bad: {prober: nope}\n',
      'd.yaml': '',
    })
    const at = `${folder.path}/`
    const error: Error = await readConfig([`${at}?.yaml`]).then(
      () => expect.fail(),
      thrown => thrown,
    )
    expect(error.message.replaceAll(at, '').split('\n')).toEqual([
      expect.stringMatching(/^c\.yaml:2:9 modules\.bad\.prober: expected one of /),
      'd.yaml:1:1 the file is empty: expected modules',
      'b.yaml:3:3 modules.same: the name is taken: see a.yaml:2:3',
    ])
  })

  test('a pattern that matches nothing is warned of beside others; no file at all is an error', async () => {
    await using folder = await folderWith({ 'a.yaml': module('a') })
    const { warnings } = await readConfig([`${folder.path}/a.yaml`, `${folder.path}/conf.d/*.yaml`])
    expect(warnings.map(formatProblem)).toEqual([`${folder.path}/conf.d/*.yaml:1:1 no file matches`])
    await expect(readConfig([`${folder.path}/x/*.yaml`, `${folder.path}/y/*`])).rejects.toThrow(
      `no file matches ${folder.path}/x/*.yaml, ${folder.path}/y/*`,
    )
    await expect(readConfig([`${folder.path}/*`, `${folder.path}/no.yaml`])).rejects.toThrow(
      `cannot read ${folder.path}/no.yaml: ENOENT`,
    )
  })

  test('come from flags, which win, or from a variable', async () => {
    await using folder = await folderWith({ 'a.yaml': module('a'), 'b.yaml': module('b'), 'd/c.yaml': module('c') })
    const [a, b, c] = ['a.yaml', 'b.yaml', 'd/*.yaml'].map(name => join(folder.path, name))
    const check = async (args: readonly string[], env = {}) =>
      (await runHere(['serve', '--config.check', ...args], { env })).stdout
    expect(await check([`--config.file=${a}`, '--config.file', `${b},${c}`])).toBe(`${a}, ${b}, ${c}: ok, 3 modules\n`)
    const SONDE_CONFIG_FILE = `${a},${c}`
    expect(await check([], { SONDE_CONFIG_FILE })).toBe(`${a}, ${c}: ok, 2 modules\n`)
    expect(await check([`--config.file=${b}`], { SONDE_CONFIG_FILE })).toBe(`${b}: ok, 1 modules\n`)
    expect((await runHere(['--config.check', '--config.file='])).status).toBe(2)
  })

  test('a reload takes all or nothing', async () => {
    await using folder = await folderWith({ 'a.yaml': 'modules: {a: {prober: echo}}' })
    const lines: string[] = []
    const log = createLogger({ level: 'info', format: 'logfmt', write: line => void lines.push(line) })
    const settings = { configFiles: [`${folder.path}/*.yaml`], probers: [echo], log, probeLog: () => log }
    const { reload, drain, listen } = createExporter(settings)
    expect([...(await reload()).modules.keys()]).toEqual(['a'])
    await writeFile(join(folder.path, 'a.yaml'), 'modules: {a2: {prober: echo}}')
    await writeFile(join(folder.path, 'b.yaml'), 'modules: {b: {prober: ecko}}')
    await expect(reload()).rejects.toThrow('b.yaml:1:15 modules.b.prober')
    const listeners = await listen([{ host: '127.0.0.1', port: 0 }])
    const config = async () => (await fetch(`${listeners.urls[0]}/config`, { headers: { connection: 'close' } })).text()
    expect(await config()).toMatch(/^modules:\n {2}a:\n/)
    await writeFile(join(folder.path, 'b.yaml'), 'modules: {b: {prober: echo}}')
    await symlink('b.yaml', join(folder.path, '..data.yaml'))
    expect([...(await reload()).modules.keys()]).toEqual(['a2', 'b'])
    expect(await config()).toMatch(/a\.yaml\nmodules:\n {2}a2:[\s\S]*---\n# .*b\.yaml\nmodules:\n {2}b:/)
    await drain(listeners, 0)
  })
})
