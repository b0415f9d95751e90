import { InvalidArgumentError, Option } from 'commander'
import { type ListenAddress, parseListenAddress } from '../../http/listen-address.ts'
import { parseRoutePrefix, parseTelemetryPath, type WebOptions, webDefaults } from '../../http/web-options.ts'
import { boolFlag, flag, list, wholeNumber } from '../flags.ts'

/** As commander names them: dots stay, dashes become camel case. */
export interface WebFlags {
  readonly 'web.listenAddress'?: readonly ListenAddress[]
  readonly 'web.systemdSocket': boolean
  readonly 'web.config.file'?: string
  readonly 'web.externalUrl'?: URL
  readonly 'web.routePrefix'?: string
  readonly 'web.telemetryPath': string
  readonly 'web.maxRequests': number
  readonly 'web.maxConnections': number
  readonly 'web.enableLifecycle': boolean
  readonly 'web.allowedHosts'?: readonly string[]
}

const orRefuse =
  <T>(read: (text: string) => T | undefined, expected: string) =>
  (text: string): T => {
    const value = read(text)
    if (value === undefined) throw new InvalidArgumentError(`expected ${expected}`)
    return value
  }

const listenAddress = orRefuse(
  parseListenAddress,
  'an address such as :9115, 127.0.0.1:9115, [::1]:9115 or unix:///run/sonde/sonde.sock',
)

function externalUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain =
    url !== undefined && /^https?:$/.test(url.protocol) && `${url.search}${url.hash}${url.username}` === ''
  return isPlain && parseRoutePrefix(url.pathname) !== undefined ? url : undefined
}

const hostName = (text: string) =>
  /^(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i.test(text) ? text.toLowerCase() : undefined

/** The flags of `sonde serve` about the web, with the names of blackbox_exporter and exporter-toolkit. */
export const webFlags: readonly Option[] = [
  flag(
    '--web.listen-address <address>',
    'address to listen on, or unix:///path; may be given several times (default: ":9115")',
  ).argParser(list(listenAddress)),
  boolFlag('web.systemd-socket', 'listen on the sockets that systemd hands over, not on addresses'),
  flag('--web.config.file <path>', 'TLS, client certificates, users, headers and rate limit (exporter-toolkit)'),
  flag('--web.external-url <url>', 'where browsers find sonde, behind a reverse proxy').argParser(
    orRefuse(externalUrl, 'a URL such as https://example.org/sonde/'),
  ),
  flag('--web.route-prefix <path>', 'stands before every path (default: the path of --web.external-url)').argParser(
    orRefuse(parseRoutePrefix, 'a path such as /sonde'),
  ),
  flag('--web.telemetry-path <path>', "where sonde's own metrics are")
    .argParser(orRefuse(parseTelemetryPath, 'a path such as /metrics, which nothing else has'))
    .default(webDefaults.telemetryPath),
  flag('--web.max-requests <n>', "requests for sonde's own metrics at once; 0 for no bound")
    .argParser(wholeNumber(0))
    .default(webDefaults.maxRequests),
  flag('--web.max-connections <n>', 'connections at once; to one more, the one that idles for longest gives way')
    .argParser(wholeNumber(1))
    .default(webDefaults.maxConnections),
  boolFlag('web.enable-lifecycle', 'reload on POST /-/reload').default(webDefaults.hasLifecycle),
  new Option('--no-web.enable-lifecycle').hideHelp(), // as kingpin takes it
  flag(
    '--web.allowed-hosts <names>',
    'names that Host may have, *.example.org for those below; addresses and localhost always may (default: any)',
  ).argParser(list(orRefuse(hostName, 'a host name without a port, or *. and a name'))),
]

/** What the flags come to. */
export const webOptionsOf = (flags: WebFlags): WebOptions => ({
  routePrefix: flags['web.routePrefix'] ?? parseRoutePrefix(flags['web.externalUrl']?.pathname ?? '') ?? '',
  externalUrl: flags['web.externalUrl']?.href,
  telemetryPath: flags['web.telemetryPath'],
  maxRequests: flags['web.maxRequests'],
  maxConnections: flags['web.maxConnections'],
  hasLifecycle: flags['web.enableLifecycle'],
  allowedHosts: flags['web.allowedHosts'] ?? [],
})
