import { type Command, defineCommand, exitCodes, UsageError } from './command.ts'
import { boolFlag, durationMs, flag, flagsNote } from './flags.ts'
import { type GetOptions, get } from './http-get.ts'

interface HealthcheckFlags {
  readonly url: string
  readonly timeout: number
  readonly insecure: boolean
}

/** Where a sonde listens. Throws `UsageError`. */
function placeOf(text: string): { readonly url: URL; readonly socketPath: string | undefined } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'unix:' && url.host === '' && url.pathname.startsWith('/')) {
    return { url: new URL('http://localhost/-/healthy'), socketPath: decodeURIComponent(url.pathname) }
  }
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError('malformed --url: expected http://127.0.0.1:9115 or unix:///run/sonde/sonde.sock')
  }
  url.pathname = `${url.pathname.replace(/\/$/, '')}/-/healthy`
  return { url, socketPath: undefined }
}

/** `sonde healthcheck`. */
export const healthcheckCommand = (): Command =>
  defineCommand<HealthcheckFlags>({
    name: 'healthcheck',
    summary: 'ask a running sonde whether it is healthy, for containers',
    options: [
      flag('--url <url>', 'where it listens, route prefix included; unix:///path for a socket').default(
        'http://127.0.0.1:9115',
      ),
      flag('--timeout <duration>', 'how long to wait').argParser(durationMs).default(3000, '3s'),
      boolFlag('insecure', 'take any certificate'),
    ],
    notes: `Exit code: 0 healthy, 1 not.\n\n${flagsNote}`,
    async run({ url: text, timeout, insecure }, _args, { out, err }) {
      const { url, socketPath } = placeOf(text)
      const options: GetOptions = { signal: AbortSignal.timeout(timeout), socketPath, isInsecure: insecure }
      try {
        const { status } = await get(url, options)
        if (status === 200) out('healthy\n')
        else err(`not healthy: status ${status}\n`)
        return status === 200 ? exitCodes.success : exitCodes.failure
      } catch (error) {
        err(`not healthy: ${(error as Error).message}\n`)
        return exitCodes.failure
      }
    },
  })
