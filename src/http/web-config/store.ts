import { stat } from 'node:fs/promises'
import type { TlsOptions } from 'node:tls'
import type { WebConfig } from '../../config/web-config.ts'
import type { WebTls } from '../../config/web-tls.ts'
import type { Logger } from '../../engine/logger.ts'
import { formatProblem } from '../../engine/module.ts'

/** The web configuration in use. */
export interface WebConfigStore {
  readonly current: () => WebConfig
  /** For handshakes from now on; undefined: no TLS. Another object whenever something has changed. */
  readonly tls: () => TlsOptions | undefined
  /** The file has been broken since it was read: nobody can tell any more who may do what. */
  readonly isBroken: () => boolean
  /** Reads everything anew and returns what puts it in use. Throws when it cannot be used; nothing has changed then. */
  readonly prepare: () => Promise<() => void>
  /** Looks for changes from now on, until the returned function is called. */
  readonly watch: () => () => void
}

interface Loaded {
  readonly config: WebConfig
  readonly tls: TlsOptions | undefined
}

const handshakeTimeoutMs = 10_000

async function readTls({ clientAuth, read }: WebTls): Promise<TlsOptions> {
  return {
    ...(await read()),
    requestCert: clientAuth !== 'NoClientCert',
    rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: handshakeTimeoutMs,
  }
}

/** Changes when one of the files does. */
async function stampOf(paths: readonly string[]): Promise<string> {
  const stamps = paths.map(path =>
    stat(path).then(
      ({ mtimeMs, ctimeMs, size, ino }) => [mtimeMs, ctimeMs, size, ino].join('/'),
      (error: NodeJS.ErrnoException) => String(error.code),
    ),
  )
  return (await Promise.all(stamps)).join(' ')
}

/** Holds the web configuration of `file`, which `read` reads, and looks every `checkMs` whether it has changed. */
export function createWebConfigStore(
  file: string,
  read: () => Promise<WebConfig>,
  log: Logger,
  checkMs = 1000,
): WebConfigStore {
  let loaded: Loaded | undefined
  let isBroken = false
  /** The files as they were when they were last judged, and when they were last looked at. */
  let judged = ''
  let seen = ''
  let lastComplaint = ''

  function use(next: Loaded): void {
    for (const warning of next.config.warnings) log.warn(formatProblem(warning))
    if (next.tls !== undefined && next.config.wantsHttp2 && loaded === undefined) {
      log.debug('http2 is accepted, and HTTP/1.1 is served', { file })
    }
    log.info('loaded the web configuration', { file, tls: next.tls !== undefined, users: next.config.users.size })
    loaded = next
    isBroken = false
    lastComplaint = ''
  }

  function complain({ message }: Error): void {
    if (message === lastComplaint) return
    lastComplaint = message
    for (const line of message.split('\n')) log.error(line)
  }

  const stampWith = async (config: WebConfig | undefined, own = stampOf([file])) =>
    `${await own}|${await stampOf(config?.tls?.files ?? [])}`

  /** The file, and how it and those that it names were before they were read. */
  async function readFile() {
    const own = await stampOf([file])
    const config = await read()
    const isWhole = own === (await stampOf([file])) // else it was written meanwhile
    return { config, isWhole, stamp: await stampWith(config, Promise.resolve(own)) }
  }

  async function refresh(): Promise<void> {
    const { config, isWhole, stamp } = await readFile().catch(error => {
      isBroken = true
      throw error
    })
    if (!isWhole) return
    judged = stamp
    const tls = config.tls && readTls(config.tls)
    // A certificate that is just being replaced must not stop the old one.
    const next = { config, tls: await tls?.catch(error => keepTls(config, error)) }
    use(next)
  }

  /** Where there has been no TLS, nobody is let in without it: passwords are not for everybody to read. */
  function keepTls(config: WebConfig, error: Error): never {
    loaded = { config, tls: loaded?.tls }
    isBroken = loaded.tls === undefined
    judged = '' // tried again: not every error is one of the files
    throw error
  }

  async function check(): Promise<void> {
    const stamp = await stampWith(loaded?.config)
    const isSettled = stamp === seen // what was still written a moment ago may be half of something
    seen = stamp
    if (isSettled && stamp !== judged) await refresh().catch(complain)
  }

  return {
    current() {
      if (loaded === undefined) throw new Error('the web configuration was not loaded')
      return loaded.config
    },
    tls: () => loaded?.tls,
    isBroken: () => isBroken,
    async prepare() {
      const { config, stamp } = await readFile()
      const next = { config, tls: config.tls && (await readTls(config.tls)) }
      return () => {
        use(next)
        judged = stamp
      }
    },
    watch() {
      let isChecking = false
      const timer = setInterval(async () => {
        if (isChecking) return
        isChecking = true
        await check()
        isChecking = false
      }, checkMs).unref()
      return () => clearInterval(timer)
    },
  }
}
