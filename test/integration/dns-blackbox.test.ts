import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { startDns } from '../probers/dns/dns-server.ts'
import {
  findProgram,
  freePort,
  answers as isUp,
  runSonde,
  start,
  temporaryFolder,
  testWith,
} from '../support/programs.ts'
import { answers } from './dns-cases/answers.ts'
import { records } from './dns-cases/records.ts'
import { rules } from './dns-cases/rules.ts'
import { transports } from './dns-cases/transports.ts'
import { dns, everywhere, named } from './support/dns-differences.ts'
import { labPrograms, startLab } from './support/dns-lab.ts'
import { right, startOddServers } from './support/dns-servers.ts'
import { runCases } from './support/run-cases.ts'
import type { Scope } from './support/scope.ts'

const test = testWith('prometheus-blackbox-exporter', ...labPrograms)
const groups = { records, rules, answers, transports }

async function startTargets(scope: Scope, folder: string) {
  const lab = await startLab(scope, folder)
  const odd = await startOddServers(scope)
  return { ports: { ...lab.ports, ...odd }, takeSent: () => [] }
}

describe('blackbox_exporter and sonde, side by side', () => {
  const seen = runCases(test, dns, groups, startTargets)

  test('every difference was seen', () => {
    const cases = Object.values(groups).flat()
    const differs = new Set(cases.flatMap(each => each.differs ?? [])) // each case fails without those that it names
    expect([...differs].sort()).toEqual(Object.keys(named).sort())
    expect([...seen]).toEqual(expect.arrayContaining(Object.keys(everywhere)))
  })
})

/** What blackbox_exporter 0.23.0 loads, and what sonde says of it. */
const faulty = {
  fine: [{}, ''],
  transport: [{ transport_protocol: 'sctp' }, 'm_transport.dns.transport_protocol: '],
  rcode: [{ valid_rcodes: ['NOPE'] }, 'm_rcode.dns.valid_rcodes.0: expected a response code'],
  pattern: [
    { validate_answer_rrs: { fail_if_matches_regexp: ['('] } },
    'm_pattern.dns.validate_answer_rrs.fail_if_matches_regexp.0: bad regular expression',
  ],
  tls: [{ dns_over_tls: true }, 'm_tls.dns.dns_over_tls: dns_over_tls needs transport_protocol: tcp'],
  source: [{ source_ip_address: 'nowhere' }, 'm_source.dns.source_ip_address: '],
} as const

test('what fails each probe of blackbox_exporter, sonde refuses at load', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'blackbox.yml')
  const modules = Object.entries(faulty).map(([name, [dns]]) => [
    `m_${name}`,
    {
      prober: 'dns',
      timeout: '2s',
      dns: { preferred_ip_protocol: 'ip4', query_name: 'a.test', query_type: 'A', ...dns },
    },
  ])
  await writeFile(file, JSON.stringify({ modules: Object.fromEntries(modules) }))
  await using server = await startDns({ udp: (query, send) => send(right(query)) })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const args = [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`]
  await using _blackbox = await start(findProgram('prometheus-blackbox-exporter') ?? '', args, () =>
    isUp(`${url}/-/healthy`),
  )
  for (const [name] of modules) {
    const response = await fetch(`${url}/probe?module=${name}&target=${server.target}`)
    expect([name, response.status, /^probe_success (\d)/m.exec(await response.text())?.[1]]).toEqual([
      name,
      200,
      name === 'm_fine' ? '1' : '0',
    ])
  }
  const { status, stderr } = runSonde([`--config.file=${file}`, '--config.check'])
  expect(status).toBe(1)
  for (const [, message] of Object.values(faulty)) expect(stderr).toContain(message)
})
