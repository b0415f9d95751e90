import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { identity } from '../../probers/http/support.ts'
import { findProgram, freePort, type Running, run, start } from '../../support/programs.ts'

/** What the lab needs on this machine. */
export const labPrograms = ['named', 'unbound', 'dnssec-keygen', 'dnssec-signzone'] as const

const fixtures = fileURLToPath(new URL('../../fixtures/dns/lab', import.meta.url))
const listeners = ['plain', 'dot', 'doh', 'stale', 'unbound', 'unboundDot'] as const

export interface DnsLab extends AsyncDisposable {
  /** Where each server listens on loopback. */
  readonly ports: Readonly<Record<(typeof listeners)[number], number>>
}

/** What `dnssec-signzone` is told for each signed zone. */
const signed: Readonly<Record<string, readonly string[]>> = {
  'example.test': ['-e', '+31536000'],
  'nsec3.test': ['-e', '+31536000', '-3', 'aabbccdd', '-H', '0'],
  'expired.test': ['-s', '20200101000000', '-e', '20200201000000', '-P'],
}

function must(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = run(findProgram(program) ?? program, args)
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
  return stdout.trim()
}

/** Signs a zone with keys of its own; returns its key-signing key as a record. */
async function sign(folder: string, zone: string, options: readonly string[]): Promise<string> {
  const keygen = ['-q', '-K', folder, '-a', 'ECDSAP256SHA256']
  const anchor = must('dnssec-keygen', [...keygen, '-f', 'KSK', zone])
  must('dnssec-keygen', [...keygen, zone])
  const files = ['-o', zone, '-f', join(folder, `${zone}.signed`), join(folder, `${zone}.zone`)]
  must('dnssec-signzone', ['-q', '-S', '-K', folder, '-d', folder, ...options, '-x', '-n', '1', '-N', 'keep', ...files])
  return readFile(join(folder, `${anchor}.key`), 'utf8')
}

async function render(folder: string, name: string, values: Readonly<Record<string, string | number>>) {
  const file = join(folder, name)
  const text = await readFile(file, 'utf8')
  await writeFile(
    file,
    text.replace(/\((\w+)\)/g, (_, key: string) => String(values[key])),
  )
  return file
}

/** Signs the zones of the lab and starts its servers: two `named`, the second with old data, and `unbound`. */
export async function startLab(folder: string): Promise<DnsLab> {
  await cp(fixtures, folder, { recursive: true })
  const anchors = await Promise.all(Object.entries(signed).map(([zone, options]) => sign(folder, zone, options)))
  await writeFile(join(folder, 'anchors'), anchors.join(''))
  await writeFile(join(folder, 'empty.hints'), '. 3600000 NS a.invalid.\na.invalid. 3600000 A 127.0.0.1\n')
  const { key, cert } = identity('server', 'intermediate.crt')
  const files = { key: join(folder, 'tls.key'), chain: join(folder, 'tls.crt') }
  await writeFile(files.key, key)
  await writeFile(files.chain, cert)
  const free = await Promise.all(listeners.map(async name => [name, await freePort()] as const))
  const ports = Object.fromEntries(free) as DnsLab['ports']
  const config = (name: string) => render(folder, name, { folder, ...files, ...ports })
  const named = async (name: string) =>
    start(findProgram('named') ?? '', ['-g', '-n', '1', '-c', await config(name)], log => / running$/m.test(log))
  const started = await Promise.allSettled([
    named('named.conf'),
    named('named-stale.conf'),
    config('unbound.conf').then(file =>
      start(findProgram('unbound') ?? '', ['-d', '-c', file], log => log.includes('start of service')),
    ),
  ])
  const running = started.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []))
  const stop = () => Promise.all(running.map((each: Running) => each[Symbol.asyncDispose]()))
  const failed = started.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') {
    await stop()
    throw failed.reason
  }
  return {
    ports,
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}
