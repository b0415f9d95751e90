import { describe, expect } from 'vitest'
import { testWith } from '../support/programs.ts'
import { addresses } from './http-cases/addresses.ts'
import { answers } from './http-cases/answers.ts'
import { bodies } from './http-cases/bodies.ts'
import { sameInOlderWords } from './http-cases/newer.ts'
import { nginx } from './http-cases/nginx.ts'
import { oauth2 } from './http-cases/oauth2.ts'
import { proxies } from './http-cases/proxies.ts'
import { redirects } from './http-cases/redirects.ts'
import { requests } from './http-cases/requests.ts'
import { targets } from './http-cases/targets.ts'
import { tls } from './http-cases/tls.ts'
import { everywhere, http, named } from './support/differences.ts'
import { runCases } from './support/run-cases.ts'
import { startServers } from './support/servers.ts'

const test = testWith('prometheus-blackbox-exporter')
const groups = { targets, answers, requests, redirects, bodies, tls, addresses, oauth2, sameInOlderWords }

describe('blackbox_exporter and sonde, side by side', () => {
  const seen = runCases(test, http, groups, startServers)

  test('every difference was seen', () => {
    const cases = [groups, nginx, proxies].flatMap(each => Object.values(each).flat())
    const differs = new Set(cases.flatMap(each => each.differs ?? [])) // each case fails without those that it names
    expect([...differs].sort()).toEqual(Object.keys(named).sort())
    expect([...seen]).toEqual(expect.arrayContaining(Object.keys(everywhere)))
  })
})
