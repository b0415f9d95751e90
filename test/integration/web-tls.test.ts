import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect as open } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { hashSync } from 'bcryptjs'
import { expect, test } from 'vitest'
import { listen } from '../support/listen.ts'
import { answers, findProgram, freePort, run, start, temporaryFolder, testWith, until } from '../support/programs.ts'
import { ask } from '../support/web-client.ts'
import { certificates } from '../support/web-configs.ts'
import { ca, getsThrough, putCertificate, startSecureServer } from '../support/web-server.ts'

const withCurl = testWith('curl')

const shown = ['nothing', 'client', 'self-signed', 'names'] as const

/** What curl comes to when it shows this certificate: a status, or `refused` when there is no answer. */
function curl(url: string, certificate: (typeof shown)[number]): string {
  const own =
    certificate === 'nothing'
      ? []
      : ['--cert', `${certificates}${certificate}.crt`, '--key', `${certificates}${certificate}.key`]
  const format = ['-sS', '-o', '/dev/null', '-w', '%{http_code}']
  const { status, stdout } = run('curl', [...format, '--cacert', `${certificates}ca.crt`, ...own, `${url}/-/healthy`])
  return status === 0 ? stdout : 'refused'
}

const authorities = `  client_ca_file: ${certificates}ca.crt\n`

withCurl.each([
  // of: nothing, one of ours, somebody's own, one of ours for another purpose but with names
  ['NoClientCert', '', ['200', '200', '200', '200']],
  ['RequestClientCert', '', ['200', '200', '200', '200']],
  ['RequireAnyClientCert', '', ['403', '200', '200', '200']],
  ['RequireClientCert', '', ['403', '200', '200', '200']],
  ['VerifyClientCertIfGiven', authorities, ['200', '200', '403', '403']],
  ['RequireAndVerifyClientCert', authorities, ['refused', '200', 'refused', 'refused']],
  ['RequireAnyClientCert', '  client_allowed_sans: [me@mail.test]\n', ['403', '403', '403', '200']],
])('curl with every certificate, %s %s', async (type, more, statuses) => {
  await using folder = await temporaryFolder()
  await using sonde = await startSecureServer(folder.path, { rest: `  client_auth_type: ${type}\n${more}` })
  expect(shown.map(name => curl(sonde.url, name))).toEqual(statuses)
})

async function startTarget() {
  const listening = await listen(createServer((_request, response) => void response.end('ok')))
  return { ...listening, url: `http://${listening.host}/` }
}

testWith('prometheus')(
  'Prometheus scrapes over TLS with basic authentication',
  async () => {
    await using folder = await temporaryFolder()
    await using target = await startTarget()
    const users = `basic_auth_users: {prometheus: ${hashSync('s3cret', 10)}}\n`
    await using sonde = await startSecureServer(folder.path, { others: users })
    const place = new URL(sonde.url).host
    const config = join(folder.path, 'prometheus.yml')
    const job = (name: string, password: string) => `
  - job_name: ${name}
    scheme: https
    metrics_path: /probe
    params: {target: ['${target.url}']}
    tls_config: {ca_file: ${certificates}ca.crt}
    basic_auth: {username: prometheus, password: ${password}}
    static_configs: [{targets: ['${place}']}]`
    await writeFile(
      config,
      `global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:${job('right', 's3cret')}${job('wrong', 'secret')}\n`,
    )
    const url = `http://127.0.0.1:${await freePort()}`
    await using _prometheus = await start(
      findProgram('prometheus') ?? '',
      [`--config.file=${config}`, `--storage.tsdb.path=${folder.path}/tsdb`, `--web.listen-address=${url.slice(7)}`],
      () => answers(`${url}/-/ready`),
    )
    const value = async (expression: string) => {
      const answer = await ask(`${url}/api/v1/query?${new URLSearchParams({ query: expression })}`)
      return JSON.parse(answer.text).data.result[0]?.value[1]
    }
    await until(async () => (await value('up{job="right"}')) === '1' && (await value('up{job="wrong"}')) !== undefined)
    await until(async () => (await value('probe_success{job="right"}')) === '1')
    expect(await value('up{job="wrong"}')).toBe('0')
  },
  60_000,
)

/** The issuer's type of key in the certificate that is shown. */
const keyTypeAt = (url: string) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', servername: 'localhost', port: Number(new URL(url).port), ca }, () => {
      resolve(socket.getPeerX509Certificate()?.publicKey.asymmetricKeyType ?? '')
      socket.destroy()
    }).on('error', reject)
  })

test('certificates change under load without a failed scrape', async () => {
  await using folder = await temporaryFolder()
  await using target = await startTarget()
  await using sonde = await startSecureServer(folder.path)
  let isOn = true
  let requests = 0
  const failures: unknown[] = []
  const client = async () => {
    while (isOn) {
      requests++
      const answer = await ask(`${sonde.url}/probe?target=${encodeURIComponent(target.url)}`, { ca }).catch(
        error => error,
      )
      if (!answer.text?.includes('probe_success 1\n')) failures.push(answer)
    }
  }
  const clients = Promise.all(Array.from({ length: 10 }, client))
  const seen: string[] = []
  for (const [name, type] of [
    ['server-rsa', 'rsa'],
    ['server', 'ec'],
    ['server-rsa', 'rsa'],
  ] as const) {
    await putCertificate(folder.path, name)
    await until(async () => (await keyTypeAt(sonde.url)) === type)
    seen.push(type)
    if (type === 'rsa') sonde.child.kill('SIGHUP')
  }
  isOn = false
  await clients
  expect([seen, failures]).toEqual([['rsa', 'ec', 'rsa'], []])
  expect(requests).toBeGreaterThan(100)
}, 60_000)

test('a handshake that never ends is ended, and harms nobody else', async () => {
  await using folder = await temporaryFolder()
  await using sonde = await startSecureServer(folder.path)
  const port = Number(new URL(sonde.url).port)
  const slow = Array.from({ length: 200 }, () => open(port, '127.0.0.1').on('error', () => undefined))
  for (const [index, socket] of slow.entries()) {
    socket.resume()
    if (index % 2 === 0) socket.write(Buffer.from('160301', 'hex'))
  }
  expect(await getsThrough(`${sonde.url}/-/healthy`)).toBe(true)
  await until(() => slow.every(socket => socket.closed))
  expect(await getsThrough(`${sonde.url}/-/healthy`)).toBe(true)
}, 60_000)
