import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { findProgram, type Running, start, temporaryFolder, testWith, until } from '../../support/programs.ts'

const isRoot = process.geteuid?.() === 0
/** Without root, namespaces need one of users around them. */
const asRoot = isRoot ? [] : ['--user', '--map-root-user']
const joinAsRoot = isRoot ? [] : ['--user', '--preserve-credentials']

/** Why this machine gives no pair of interfaces in a namespace of its own; undefined when it does. */
function obstacle(): string | undefined {
  const link = ['ip', 'link', 'add', 'sonde0', 'type', 'veth', 'peer', 'name', 'sonde1']
  const { status, stderr, error } = spawnSync('unshare', [...asRoot, '--net', ...link], { encoding: 'utf8' })
  return status === 0 ? undefined : (error?.message ?? stderr.trim())
}

/** `test` when the machine has the programs and lets namespaces be made; else a visible skip, or a failure in .ci/run. */
export function labTest(...programs: readonly string[]) {
  const withPrograms = testWith('unshare', 'nsenter', 'ip', ...programs)
  const reason = obstacle()
  if (reason === undefined) return withPrograms
  const line = `no network namespace: ${reason}`
  if (process.env.SONDE_REQUIRE_PROGRAMS) throw new Error(line)
  process.stderr.write(`SKIP ${line}\n`)
  return test.skip
}

/** A server and a client in network namespaces of their own, with one cable between them. */
export interface Lab extends AsyncDisposable {
  readonly folder: string
  /** Starts a program in the server's namespace. */
  serve(
    program: string,
    args: readonly string[],
    isReady: (output: string) => boolean | Promise<boolean>,
    env?: NodeJS.ProcessEnv,
  ): Promise<Running>
  /** Runs a program to its end in one of the namespaces; returns what it wrote. */
  run(where: 'server' | 'client', program: string, args: readonly string[], input?: string): Promise<string>
}

export const serverInterface = 'vs'
export const clientInterface = 'vc'

const holdOpen = ['sh', '-c', 'echo ready; exec sleep infinity']
const isReady = (output: string) => output.includes('ready')
const inside = ({ child }: Running) => ['--target', String(child.pid), ...joinAsRoot, '--net']

async function runToEnd(command: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (output += data.toString('latin1')))
  child.stdin.on('error', () => undefined) // it need not read what is written
  child.stdin.end(input)
  await once(child, 'close')
  return output
}

const link = (last: number, own: string) => [
  `addr add 10.50.0.${last}/24 dev ${own}`,
  `addr add fd50::${last}/64 dev ${own} nodad`,
  'link set lo up',
  `link set ${own} up`,
]

/** Makes a lab: the server has 10.50.0.1 and fd50::1 at `serverInterface`, the client 10.50.0.2 and fd50::2. */
export async function startLab(): Promise<Lab> {
  const folder = await temporaryFolder()
  const running: Running[] = []
  const begin = async (...args: Parameters<typeof start>) => {
    const program = await start(...args)
    running.unshift(program)
    return program
  }
  const dispose = async () => {
    for (const program of running) await program.stop()
    await folder[Symbol.asyncDispose]()
  }
  // Profiles that a distribution has for these programs go by their path, and would keep them out of the folder.
  const copyOf = (program: string) => {
    const [original, copy] = [findProgram(program) ?? program, join(folder.path, program)]
    if (!existsSync(copy)) copyFileSync(original, copy)
    return copy
  }
  try {
    const server = await begin('unshare', [...asRoot, '--net', ...holdOpen], isReady)
    const client = await begin('nsenter', [...inside(server), 'unshare', '--net', ...holdOpen], isReady)
    const pair = `link add ${serverInterface} type veth peer name ${clientInterface} netns ${client.child.pid}`
    const commands = [
      ...[pair, ...link(1, serverInterface)].map(command => [server, command] as const),
      ...link(2, clientInterface).map(command => [client, command] as const),
    ]
    for (const [where, command] of commands) {
      const output = await runToEnd('nsenter', [...inside(where), 'ip', ...command.split(' ')])
      if (output !== '') throw new Error(`ip ${command}: ${output}`)
    }
    // Until the kernel has made sure that nobody else has them, link-local addresses are of no use.
    for (const where of [server, client]) {
      await until(
        async () => (await runToEnd('nsenter', [...inside(where), 'ip', '-6', 'addr', 'show', 'tentative'])) === '',
      )
    }
    return {
      folder: folder.path,
      serve: (program, args, ready, env) => begin('nsenter', [...inside(server), copyOf(program), ...args], ready, env),
      run: (where, program, args, input) =>
        runToEnd('nsenter', [...inside(where === 'server' ? server : client), copyOf(program), ...args], input),
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** Runs perfdhcp; returns how many clients had the answer to their last question when it ended, at least. */
async function perfdhcp(lab: Lab, clients: number, last: string, args: readonly string[]): Promise<number> {
  const common = ['-l', clientInterface, '-R', String(clients), '-n', String(clients), '-r', '50', '-W', '1']
  const report = await lab.run('client', 'perfdhcp', [...common, ...args])
  const granted = new RegExp(`${last}\\*{3}[^*]*received packets: (\\d+)`).exec(report)?.[1]
  if (granted === undefined) throw new Error(`perfdhcp: ${report}`)
  return Number(granted)
}

/** Gets a lease for each of so many clients, with a hardware address of its own; at least so many have one then. */
export const lease = (lab: Lab, clients: number) => perfdhcp(lab, clients, 'REQUEST-ACK', ['-4', '10.50.0.1'])

/** Gets an address and a prefix for each. */
export const lease6 = (lab: Lab, clients: number) =>
  perfdhcp(lab, clients, 'REQUEST-REPLY', ['-6', '-e', 'address-and-prefix', 'all'])

const script = `#!/bin/sh
case $reason in
  BOUND|RENEW|REBIND|REBOOT) ip addr replace $new_ip_address/24 dev $interface ;;
  RELEASE|EXPIRE|FAIL|STOP) ip addr del $old_ip_address/24 dev $interface ;;
esac
exit 0
`

/** A client that gets a lease, renews it by itself, and ends with its scope. */
export interface Client extends AsyncDisposable {
  readonly address: string
  /** Gives the lease back and ends. */
  release(): Promise<void>
}

/** Starts a dhclient, which goes on in the background. */
export async function startClient(lab: Lab): Promise<Client> {
  const [scriptFile, leases, pid] = ['client-script', 'client.leases', 'client.pid'].map(name =>
    join(lab.folder, name),
  ) as [string, string, string]
  writeFileSync(scriptFile, script, { mode: 0o755 })
  const options = ['-cf', '/dev/null', '-lf', leases, '-pf', pid, '-sf', scriptFile, clientInterface]
  const dhclient = (...more: readonly string[]) => lab.run('client', 'dhclient', ['-4', '-v', ...more, ...options])
  const output = await dhclient('-1')
  const address = /bound to ([\d.]+)/.exec(output)?.[1]
  if (address === undefined) throw new Error(`dhclient: ${output}`)
  return {
    address,
    release: async () => void (await dhclient('-r')),
    [Symbol.asyncDispose]: async () => void (await dhclient('-x')),
  }
}
