import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { findProgram, run, start, temporaryFolder, testWith, until } from '../support/programs.ts'
import { ask } from '../support/web-client.ts'

// Names that a real name server gives other addresses from one look-up to the next. The machine's own resolver is asked,
// in namespaces that have a network and an /etc/resolv.conf of their own, so that port 53 is free and all of it goes at
// once. Sonde is talked to through a unix socket, which namespaces do not part.

const main = new URL('../../dist/main.js', import.meta.url).pathname

const names: Readonly<Record<string, readonly string[]>> = {
  good: ['A 127.0.0.1'],
  meta: ['A 169.254.169.254'],
  mixed: ['A 127.0.0.1', 'A 169.254.169.254', 'A 127.0.0.2'],
  mapped: ['AAAA ::ffff:169.254.169.254'],
  nat64: ['AAAA 64:ff9b::a9fe:a9fe'],
  link: ['AAAA fe80::1'],
  lan: ['A 10.1.2.3'],
  rebind: ['A 127.0.0.1'],
  hop: ['A 127.0.0.1'],
}

const unboundConf = (folder: string) => `
server:
  directory: "${folder}"
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  interface: 127.0.0.1
  module-config: "iterator"
  local-zone: "test." static
${Object.entries(names)
  .flatMap(([name, records]) => records.map(record => `  local-data: "${name}.test. 0 IN ${record}"\n`))
  .join('')}
remote-control:
  control-enable: yes
  control-use-cert: no
  control-interface: "${folder}/control.sock"
`

/** Answers everything, and sends /hop to the same name, which has another address by then. */
const webServer = (folder: string, control: string) => `
import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
const control = (...args) => execFileSync('${control}', ['-c', '${folder}/unbound.conf', ...args])
createServer((request, response) => {
  if (request.url !== '/hop') return response.end('fine')
  control('local_data_remove', 'hop.test.')
  control('local_data', 'hop.test. 0 IN A 169.254.169.254')
  response.writeHead(302, { location: '/end' }).end()
}).listen(80, '127.0.0.1')
`

const modules = `
modules:
  open: {prober: http, timeout: 5s}
  public: {prober: http, timeout: 5s, targets: {allow_private: false}}
  network: {prober: http, timeout: 5s, targets: {allow: [127.0.0.1]}}
`

const script = (folder: string, unbound: string) => `
set -e
ip link set lo up
mount --bind ${folder}/resolv.conf /etc/resolv.conf
mount --bind ${folder}/nsswitch.conf /etc/nsswitch.conf
${unbound} -d -c ${folder}/unbound.conf &
${process.execPath} ${folder}/web.mjs &
exec ${process.execPath} ${main} serve --config.file=${folder}/modules.yaml --web.listen-address=unix://${folder}/sonde.sock
`

/** New user, mount, network and process namespaces, the last so that nothing outlives its first process. */
const namespaces = ['-rmnp', '--fork', '--kill-child']

const canUnshare = () => run('unshare', [...namespaces, 'true']).status === 0

async function startHere(folder: string) {
  const [unbound, control] = ['unbound', 'unbound-control'].map(name => findProgram(name) ?? name)
  const write = (name: string, text: string) => writeFile(join(folder, name), text)
  await write('resolv.conf', 'nameserver 127.0.0.1\nsearch test\noptions timeout:1\n')
  await write('nsswitch.conf', 'hosts: dns\n')
  await write('unbound.conf', unboundConf(folder))
  await write('web.mjs', webServer(folder, control as string))
  await write('modules.yaml', modules)
  await write('run.sh', script(folder, unbound as string))
  const running = await start('unshare', [...namespaces, 'sh', join(folder, 'run.sh')], output =>
    output.includes('msg=listening'),
  )
  return {
    async verdict(module: string, target: string): Promise<string> {
      const path = `/probe?${new URLSearchParams({ module, target })}`
      const { status, text } = await ask(`http://localhost${path}`, { socketPath: join(folder, 'sonde.sock') })
      const reason = /^probe_failure_info\{reason="(\w+)"\} 1$/m.exec(text)?.[1]
      return status === 200 ? (reason ?? 'fine') : text.trim()
    },
    control: (...args: readonly string[]) => run(control as string, ['-c', join(folder, 'unbound.conf'), ...args]),
    async [Symbol.asyncDispose]() {
      await running.stop('SIGKILL')
    },
  }
}

const refused = 'target refused by policy: address'

testWith(
  'unbound',
  'unbound-control',
  'unshare',
  'ip',
)('names of a real server: all of their addresses are judged, at each look-up anew', async ({ skip }) => {
  if (!canUnshare()) {
    process.stderr.write('SKIP this machine does not let us make namespaces\n')
    skip()
  }
  await using folder = await temporaryFolder()
  await using lab = await startHere(folder.path)
  const { verdict, control } = lab
  await until(async () => (await verdict('open', 'good.test')) === 'fine')
  for (const name of ['meta', 'mixed', 'mapped', 'nat64', 'link']) {
    expect([name, await verdict('open', `${name}.test`)]).toEqual([name, refused])
  }
  expect(await verdict('open', 'meta')).toBe(refused) // by the search list
  expect(await verdict('open', 'META.test.')).toBe(refused)
  expect(await verdict('open', 'nobody.test')).toBe('resolve')
  expect(await verdict('public', 'lan.test')).toBe(refused)
  expect(await verdict('public', 'good.test')).toBe(refused)
  expect(await verdict('network', 'good.test')).toBe('fine')
  expect(await verdict('network', 'mixed.test')).toBe(refused)

  expect(await verdict('open', 'rebind.test')).toBe('fine')
  expect(control('local_data_remove', 'rebind.test.').status).toBe(0)
  expect(control('local_data', 'rebind.test. 0 IN A 169.254.169.254').status).toBe(0)
  expect(await verdict('open', 'rebind.test')).toBe(refused)

  expect(await verdict('open', 'hop.test/hop')).toBe('denied')
  expect(await verdict('open', 'hop.test')).toBe(refused)
})
