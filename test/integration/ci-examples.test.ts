import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../src/config/yaml.ts'
import { run, temporaryFolder, testWith } from '../support/programs.ts'

const examples = new URL('../../examples/ci/', import.meta.url).pathname
const main = new URL('../../dist/main.js', import.meta.url).pathname

/** The shop of the example, sound or not. */
async function startShop(isSound: boolean) {
  const pages: Readonly<Record<string, string>> = { '/health': 'fine', '/api/status': '{"status": "ok"}' }
  const server = createServer(({ url = '' }, response) => {
    const page = pages[url] ?? (isSound ? undefined : 'anybody may come in')
    response.writeHead(page === undefined ? 403 : 200).end(page)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, [Symbol.asyncDispose]: async () => void server.close().closeAllConnections() }
}

/** A folder with the example, whose shop is at `url`, and a `sonde` in its path. */
async function exampleFor(url: string) {
  const folder = await temporaryFolder()
  cpSync(examples, folder.path, { recursive: true })
  const checks = join(folder.path, 'checks.yaml')
  writeFileSync(checks, readFileSync(checks, 'utf8').replaceAll('https://shop.example.org', url))
  const sonde = join(folder.path, 'sonde')
  writeFileSync(sonde, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`)
  chmodSync(sonde, 0o755)
  const env = { ...process.env, PATH: `${folder.path}:${process.env.PATH}`, SONDE_RETRY_INTERVAL: '1ms' }
  const shell = (command: string, more: NodeJS.ProcessEnv = {}) =>
    promisify(execFile)('sh', ['-c', command], { cwd: folder.path, env: { ...env, ...more } }).then(
      ({ stdout, stderr }) => ({ status: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ status: code as number, stdout: String(stdout), stderr: String(stderr) }),
    )
  return Object.assign(folder, { shell, read: (file: string) => readFileSync(join(folder.path, file), 'utf8') })
}

/** Every shell command of a CI configuration that calls sonde. */
function commandsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.split('\n').filter(line => line.startsWith('sonde '))
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(commandsIn) : []
}

const readExample = (file: string) => {
  const { value, faults } = parseYaml(readFileSync(examples + file, 'utf8'))
  expect(faults).toEqual([])
  return value as Record<string, unknown>
}

describe.each([
  ['github.yml', '::error title=http_2xx the admin pages are closed to the world::'],
  ['gitlab.yml', 'expected down, but it is up'],
])('%s', (file, complaint) => {
  const commands = commandsIn(readExample(file))

  test('its commands pass on a sound deployment and fail on another', { timeout: 60_000 }, async () => {
    expect(commands).toHaveLength(1)
    for (const [isSound, status] of [
      [true, 0],
      [false, 1],
    ] as const) {
      await using shop = await startShop(isSound)
      await using example = await exampleFor(shop.url)
      const summary = join(example.path, 'summary.md')
      const command = `${commands[0]}`.replace('--retry-interval 2s', '')
      const answer = await example.shell(command, { GITHUB_STEP_SUMMARY: summary })
      expect(answer).toMatchObject({ status, stderr: '' })
      expect(answer.stdout.includes(complaint)).toBe(!isSound)
      expect(example.read('sonde.xml')).toContain(`<testsuites name="sonde" tests="4" failures="${isSound ? 0 : 1}"`)
    }
  })
})

test('github.yml has what a workflow needs', () => {
  expect(readExample('github.yml')).toMatchObject({
    on: expect.anything(),
    permissions: { contents: 'read' },
    jobs: {
      smoke: { 'runs-on': expect.any(String), steps: expect.arrayContaining([{ uses: 'actions/checkout@v4' }]) },
    },
  })
})

test('gitlab.yml keeps the report, also when the job fails', () => {
  const { smoke } = readExample('gitlab.yml') as { smoke: Record<string, unknown> }
  expect(smoke).toMatchObject({ artifacts: { when: 'always', reports: { junit: 'sonde.xml' } } })
})

describe('smoke.sh', () => {
  const quick = { SONDE_RETRY_INTERVAL: '1ms' }

  test.each([
    [true, 0, 'the deployment is sound'],
    [false, 1, 'the deployment is not sound'],
  ])('sound: %s', { timeout: 60_000 }, async (isSound, status, text) => {
    await using shop = await startShop(isSound)
    await using example = await exampleFor(shop.url)
    const script = example.read('smoke.sh').replace('--retry 5 --retry-interval 2s', '--retry 1')
    writeFileSync(join(example.path, 'smoke.sh'), script)
    const answer = await example.shell('./smoke.sh', { ...quick, REPORTS: 'out/of the way' })
    expect(answer.status).toBe(status)
    expect(answer.stdout + answer.stderr).toContain(text)
    expect(example.read('out/of the way/sonde.xml')).toContain('tests="4"')
    expect(JSON.parse(example.read('out/of the way/sonde.json'))).toMatchObject({ success: isSound })
  })

  test('a mistake in the checks is told apart', async () => {
    await using example = await exampleFor('')
    const { status, stderr } = await example.shell('./smoke.sh')
    expect(status).toBe(2)
    expect(stderr).toContain('checks.yaml or modules.yaml is not right')
  })

  testWith('shellcheck')('shellcheck has nothing to say', () => {
    expect(run('shellcheck', [`${examples}smoke.sh`])).toMatchObject({ status: 0, stdout: '' })
  })
})
