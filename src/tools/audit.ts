import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

// What can be told of the production dependencies: known vulnerabilities where the registry answers, and from the
// lockfile alone that each is pinned by a checksum and runs nothing on installation.

interface Locked {
  readonly dev?: boolean
  readonly optional?: boolean
  readonly integrity?: string
  readonly hasInstallScript?: boolean
}

const root = new URL('../../', import.meta.url)
const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
  readFileSync(new URL('package-lock.json', root), 'utf8'),
)

const production = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true)

const offline = production.flatMap(([path, { integrity, hasInstallScript }]) => [
  ...(integrity === undefined ? [`${path} is not pinned by a checksum`] : []),
  ...(hasInstallScript === true ? [`${path} runs a script on installation`] : []),
])

interface Report {
  readonly error?: unknown
  readonly message?: string
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string }>>
}

function askRegistry(): Report {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  })
  try {
    return JSON.parse(stdout)
  } catch {
    return {}
  }
}

const { vulnerabilities } = askRegistry()
const known = Object.entries(vulnerabilities ?? {})
  .filter(([, { severity }]) => severity === 'high' || severity === 'critical')
  .map(([name, { severity }]) => `${name} has a known ${severity} vulnerability: npm audit tells which`)

for (const problem of [...offline, ...known]) process.stderr.write(`${problem}\n`)
if (offline.length + known.length > 0) process.exitCode = 1
const asked =
  vulnerabilities === undefined ? 'the registry gave no answer about vulnerabilities' : 'no known vulnerability'
process.stdout.write(
  `audit: ${production.length} production packages, ${offline.length} problems in the lockfile, ${asked}\n`,
)
