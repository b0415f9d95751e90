import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { identity } from '../../support/identities.ts'
import { findProgram, freePort, run, start } from '../../support/programs.ts'
import type { Scope } from './scope.ts'

/** What the lab needs on this machine. */
export const labPrograms = ['named', 'unbound', 'dnssec-keygen', 'dnssec-signzone'] as const

const fixtures = fileURLToPath(new URL('../../fixtures/dns/lab', import.meta.url))
const listeners = ['plain', 'dot', 'doh', 'stale', 'unbound', 'unbounddot'] as const

type Listener = (typeof listeners)[number]

interface Signed {
  readonly zone: string
  /** Its own unless given. */
  readonly file?: string
  readonly algorithm: string
  /** What `dnssec-signzone` is told besides. */
  readonly options: readonly string[]
}

const p256 = 'ECDSAP256SHA256'
const oneYear = ['-e', '+31536000']
const algorithms = { 8: 'RSASHA256', 10: 'RSASHA512', 14: 'ECDSAP384SHA384', 15: 'ED25519', 16: 'ED448' }

const signed: readonly Signed[] = [
  { zone: 'example.test', algorithm: p256, options: oneYear },
  { zone: 'nsec3.test', algorithm: p256, options: [...oneYear, '-3', 'aabbccdd', '-H', '0'] },
  { zone: 'expired.test', algorithm: p256, options: ['-s', '20200101000000', '-e', '20200201000000', '-P'] },
  ...Object.entries(algorithms).map(([number, algorithm]) => ({
    zone: `alg${number}.test`,
    file: 'algorithm.zone',
    algorithm,
    options: oneYear,
  })),
]

function must(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = run(findProgram(program) ?? program, args)
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
  return stdout.trim()
}

/** Signs a zone with keys of its own; returns its key-signing key as a record. */
async function sign(folder: string, { zone, file = `${zone}.zone`, algorithm, options }: Signed): Promise<string> {
  const keygen = ['-q', '-K', folder, '-a', algorithm]
  const anchor = must('dnssec-keygen', [...keygen, '-f', 'KSK', zone])
  must('dnssec-keygen', [...keygen, zone])
  const files = ['-o', zone, '-f', join(folder, `${zone}.signed`), join(folder, file)]
  must('dnssec-signzone', ['-q', '-S', '-K', folder, '-d', folder, ...options, '-x', '-n', '1', '-N', 'keep', ...files])
  const text = await readFile(join(folder, `${anchor}.key`), 'utf8')
  return text.replace(/^;.*\n/gm, '')
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
export async function startLab(scope: Scope, folder: string) {
  await cp(fixtures, folder, { recursive: true })
  const anchors = await Promise.all(signed.map(each => sign(folder, each)))
  await writeFile(join(folder, 'anchors'), anchors.join(''))
  await writeFile(join(folder, 'empty.hints'), '. 3600000 NS a.invalid.\na.invalid. 3600000 A 127.0.0.1\n')
  const { key, cert } = identity('server', 'intermediate.crt')
  const files = { key: join(folder, 'tls.key'), chain: join(folder, 'tls.crt') }
  await writeFile(files.key, key)
  await writeFile(files.chain, cert)
  const ports = Object.fromEntries(
    await Promise.all(listeners.map(async name => [name, await freePort()] as const)),
  ) as Readonly<Record<Listener, number>>

  const startOne = async (program: string, args: readonly string[], config: string, isReady: RegExp) => {
    const file = await render(folder, config, { folder, ...files, ...ports })
    return start(findProgram(program) ?? '', [...args, '-c', file], log => isReady.test(log))
  }
  const started = await Promise.allSettled([
    startOne('named', ['-g', '-n', '1'], 'named.conf', / running$/m),
    startOne('named', ['-g', '-n', '1'], 'named-stale.conf', / running$/m),
    startOne('unbound', ['-d'], 'unbound.conf', /start of service/),
  ])
  for (const each of started) if (each.status === 'fulfilled') scope.add(each.value)
  for (const each of started) if (each.status === 'rejected') throw each.reason
  return { ports, anchors, takeSent: () => [] }
}
