import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, type Running, start } from './programs.ts'
import { ask } from './web-client.ts'
import { certificates } from './web-configs.ts'

const main = new URL('../../dist/main.js', import.meta.url).pathname

export const pem = (name: string) => readFileSync(`${certificates}${name}`, 'utf8')
export const ca = pem('ca.crt')
const chain = (name: string) => pem(`${name}.crt`) + pem('intermediate.crt')

/** Puts a certificate for localhost and its key into a folder, as something that renews them does: one, then the other. */
export async function putCertificate(folder: string, name: 'server' | 'server-rsa'): Promise<void> {
  await writeFile(join(folder, 'server.crt'), chain(name))
  await writeFile(join(folder, 'server.key'), pem(`${name}.key`))
}

export interface WebServer extends Running {
  /** `https://localhost:port` */
  readonly url: string
}

/** The built server with TLS, ready to answer; `rest` are further keys of `tls_server_config`, `others` sections. */
export async function startSecureServer(
  folder: string,
  { rest = '', others = '', args = [] as readonly string[] } = {},
): Promise<WebServer> {
  await putCertificate(folder, 'server')
  const [modules, webConfig] = [join(folder, 'modules.yaml'), join(folder, 'web.yml')]
  await writeFile(modules, 'modules: {http_2xx: {prober: http, http: {preferred_ip_protocol: ip4}}}\n')
  await writeFile(webConfig, `tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n${rest}${others}`)
  const port = await freePort()
  const flags = [`--config.file=${modules}`, `--web.config.file=${webConfig}`, `--web.listen-address=127.0.0.1:${port}`]
  const running = await start(process.execPath, [main, 'serve', ...flags, ...args], output =>
    output.includes('msg=listening'),
  )
  return Object.assign(running, { url: `https://localhost:${port}` })
}

/** Whether a request gets through, with a connection of its own. */
export const getsThrough = (url: string, options: Parameters<typeof ask>[1] = {}): Promise<boolean> =>
  ask(url, { ca, ...options }).then(
    ({ status }) => status === 200,
    () => false,
  )
