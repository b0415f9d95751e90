import { createReadStream } from 'node:fs'
import { dirname } from 'node:path'
import type { Problem } from '../engine/module.ts'
import { bool, duration, inFolder, integer, text, z } from '../kit/options.ts'
import { ConfigError } from './config-error.ts'
import { type Finding, findings } from './issues.ts'
import { explain } from './messages.ts'
import { BadFile, type WebTls, webTls } from './web-tls.ts'
import { asksForTls, checkTlsServer, tlsServerKeys } from './web-tls-options.ts'
import { type Document, parseYaml } from './yaml.ts'

/** A web configuration file (exporter-toolkit's format): who may speak to the server, and how. */
export interface WebConfig {
  readonly tls: WebTls | undefined
  readonly wantsHttp2: boolean
  /** Headers of every answer. */
  readonly headers: ReadonlyMap<string, string>
  /** bcrypt hashes by name; when there are none, nobody has to log in. */
  readonly users: ReadonlyMap<string, string>
  readonly rateLimit: { readonly intervalMs: number; readonly burst: number } | undefined
  readonly warnings: readonly Problem[]
}

/** A key without a value means the default, as in Go. */
const section = <T extends z.ZodType>(schema: T) =>
  z.preprocess(value => {
    if (value === null || value === undefined) return {}
    if (typeof value !== 'object' || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== null))
  }, schema)

const exactly = (...values: readonly string[]) =>
  text()
    .refine(value => values.includes(value), `expected ${values.join(' or ')}`)
    .optional()

const headerValue = () =>
  text()
    .refine(value => /^[\t\x20-\x7e]*$/.test(value), 'expected printable ASCII, as a header takes')
    .optional()

const headers = z.strictObject({
  'Content-Security-Policy': headerValue(),
  'X-Frame-Options': exactly('deny', 'sameorigin'),
  'X-Content-Type-Options': exactly('nosniff'),
  'X-XSS-Protection': headerValue(),
  'Strict-Transport-Security': headerValue(),
})

const bcryptHash = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/

const users = z.preprocess(
  value => value ?? {},
  z.record(
    z.string().refine(name => !name.includes(':'), 'a name that holds a colon cannot log in (RFC 7617)'),
    text().refine(hash => bcryptHash.test(hash), 'expected a bcrypt hash, as sonde hash-password prints it'),
  ),
)

const rateLimit = z.strictObject({
  interval: duration()
    .refine(ms => ms >= 0, 'expected a duration that is not negative')
    .default(0),
  burst: integer(0).default(0),
})

const schema = section(
  z.strictObject({
    tls_server_config: section(z.strictObject(tlsServerKeys).superRefine(checkTlsServer)),
    http_server_config: section(z.strictObject({ http2: bool().default(true), headers: section(headers) })),
    basic_auth_users: users,
    rate_limit: section(rateLimit).superRefine(({ interval, burst }, issues) => {
      if (interval > 0 && burst === 0)
        issues.addIssue({
          code: 'custom',
          path: ['burst'],
          message: 'expected at least 1: with 0 nothing is let through',
        })
    }),
  }),
)

type Parsed = z.output<typeof schema>

const problemsIn =
  (file: string, { position }: Document) =>
  ({ path, message }: Finding): Problem => ({
    file,
    ...position(path),
    path: path.map(String).join('.'),
    message,
  })

/** Above it, a login takes longer than a second, and all wait for each other. */
const highestUsualCost = 14

function remarkOnCost([user, hash]: readonly [user: string, hash: string]): readonly Finding[] {
  const cost = Number(hash.slice(4, 6))
  if (cost <= highestUsualCost) return []
  const message = `cost ${cost} makes every login wait for ${2 ** (cost - highestUsualCost)} seconds or so`
  return [{ path: ['basic_auth_users', user], message }]
}

/** What a file says that it cannot mean, or should not. */
function remarks({ tls_server_config: tls, basic_auth_users: users }: Parsed, value: unknown): readonly Finding[] {
  const given = Object.keys((value as { readonly tls_server_config?: object } | null)?.tls_server_config ?? {})
  const costly = Object.entries(users).flatMap(remarkOnCost)
  if (asksForTls(tls) || given.length === 0) return costly
  return [{ path: ['tls_server_config'], message: 'without cert_file and key_file there is no TLS' }, ...costly]
}

/** Reads the text of a web configuration file. Throws `ConfigError` with every mistake in it; reads no other file. */
export function parseWebConfig(source: string, file: string): WebConfig {
  const document = parseYaml(source.trim() === '' ? '{}' : source)
  const asProblem = problemsIn(file, document)
  if (document.faults.length > 0) throw new ConfigError(document.faults.map(asProblem))
  const { data, error } = inFolder(dirname(file), () => schema.safeParse(document.value, { error: explain }))
  if (data === undefined) {
    throw new ConfigError(error.issues.flatMap(issue => findings(issue)).map(asProblem))
  }
  const { interval, burst } = data.rate_limit
  const tls = webTls(data.tls_server_config)
  const set = Object.entries(data.http_server_config.headers).filter(([, value]) => value)
  return {
    tls: tls && { ...tls, read: () => tls.read().catch(error => rethrow(error, asProblem)) },
    wantsHttp2: data.http_server_config.http2,
    headers: new Map(set as [string, string][]),
    users: new Map(Object.entries(data.basic_auth_users)),
    rateLimit: interval > 0 ? { intervalMs: interval, burst } : undefined,
    warnings: remarks(data, document.value).map(asProblem),
  }
}

function rethrow(error: unknown, asProblem: (finding: Finding) => Problem): never {
  throw error instanceof BadFile ? new ConfigError([asProblem(error.finding)]) : error
}

const maxFileBytes = 2 ** 20

/** Reads a web configuration file. Throws `ConfigError`, also when the file cannot be read. */
export async function readWebConfig(file: string): Promise<WebConfig> {
  const octets = await createReadStream(file, { end: maxFileBytes }) // one more than allowed, whatever the file is
    .toArray()
    .then(Buffer.concat, error => unreadable(file, error.message))
  if (octets.length > maxFileBytes) unreadable(file, `it is larger than ${maxFileBytes} octets`)
  return parseWebConfig(octets.toString('utf8'), file)
}

function unreadable(file: string, why: string): never {
  throw new ConfigError([{ file, line: 1, column: 1, path: '', message: `cannot be read: ${why}` }])
}
