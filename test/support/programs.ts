import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { test } from 'vitest'

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/** The full path of a program, or undefined when this machine does not have it. */
export function findProgram(name: string): string | undefined {
  return folders
    .map(folder => join(folder, name))
    .find(path => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

const debianPackages: Readonly<Record<string, string>> = {
  prometheus: 'prometheus',
  promtool: 'prometheus',
  'prometheus-blackbox-exporter': 'prometheus-blackbox-exporter',
  named: 'bind9',
  'dnssec-keygen': 'bind9-utils',
  'dnssec-signzone': 'bind9-utils',
  unbound: 'unbound',
  'unbound-control': 'unbound',
  unshare: 'util-linux',
  nginx: 'nginx-light',
  tinyproxy: 'tinyproxy',
  microsocks: 'microsocks',
  dhcpd: 'isc-dhcp-server',
  omshell: 'isc-dhcp-server',
  dhclient: 'isc-dhcp-client',
  'kea-dhcp4': 'kea-dhcp4-server',
  'kea-dhcp6': 'kea-dhcp6-server',
  'kea-lfc': 'kea-common',
  perfdhcp: 'kea-admin',
  dnsmasq: 'dnsmasq-base',
  ip: 'iproute2',
  curl: 'curl',
  'prometheus-pushgateway': 'prometheus-pushgateway',
  xmllint: 'libxml2-utils',
  shellcheck: 'shellcheck',
  zsh: 'zsh',
  fish: 'fish',
  mandoc: 'mandoc',
  script: 'bsdutils',
  'systemd-socket-activate': 'systemd',
  'systemd-analyze': 'systemd',
}

/** `test` when the machine has the programs; else a visible skip, or a failure where they are required (.ci/run). */
export function testWith(...programs: readonly string[]) {
  const missing = programs.filter(name => findProgram(name) === undefined)
  if (missing.length === 0) return test
  const packages = [...new Set(missing.map(name => debianPackages[name] ?? name))]
  const line = `${missing.join(', ')} not found: apt-get install ${packages.join(' ')}`
  if (process.env.SONDE_REQUIRE_PROGRAMS) throw new Error(line)
  process.stderr.write(`SKIP ${line}\n`)
  return test.skip
}

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** A temporary folder that goes with its scope. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'sonde-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

export interface Running extends AsyncDisposable {
  readonly child: ChildProcess
  /** What it has written to stdout and stderr. */
  output(): string
  /** Sends a signal and resolves with the exit code (128 + n for a signal). */
  stop(signal?: NodeJS.Signals): Promise<number>
}

const killAfterMs = 10_000

/** Starts a program and waits until `isReady` is true; it ends with its scope. */
export async function start(
  command: string,
  args: readonly string[],
  isReady: (output: string) => boolean | Promise<boolean>,
  env: NodeJS.ProcessEnv = {},
): Promise<Running> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let output = ''
  const keep = (data: Buffer) => {
    output += data.toString()
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const exited = once(child, 'close').then(([code, signal]) => (code as number | null) ?? (signal === null ? 1 : 128))
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    const code = await exited
    clearTimeout(timer)
    return code
  }
  const running: Running = {
    child,
    output: () => output,
    stop,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await stop()
    },
  }
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${output}`)
    return isReady(output)
  }).catch(async (error: unknown) => {
    await running[Symbol.asyncDispose]()
    throw new Error(`${command} did not start: ${output}`, { cause: error })
  })
  return running
}

/** Asks until the answer is true; throws after `timeoutMs`. */
export async function until(isTrue: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`not true after ${timeoutMs} ms`)
    await new Promise(resolve => setTimeout(resolve, 25))
  }
}

/** Whether something answers HTTP 200 there. */
export const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    response => response.ok,
    () => false,
  )

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], input?: string) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    ...(input !== undefined && { input }),
  })
  return { status, stdout, stderr }
}

const main = new URL('../../dist/main.js', import.meta.url).pathname

/** The built command line, to its end. */
export const runSonde = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 20_000,
  })
  return { status, stdout, stderr }
}

/** The built server on a free port, ready to answer. */
export async function startServer(
  configFile: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Running & { readonly url: string }> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const flags = ['serve', `--config.file=${configFile}`, `--web.listen-address=127.0.0.1:${port}`, ...args]
  const running = await start(process.execPath, [main, ...flags], () => answers(`${url}/-/ready`), env)
  return Object.assign(running, { url })
}
