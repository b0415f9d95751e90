import { describe, expect } from 'vitest'
import { testWith } from '../support/programs.ts'
import { addresses } from './http-cases/addresses.ts'
import { answers } from './http-cases/answers.ts'
import { bodies } from './http-cases/bodies.ts'
import { sameInOlderWords } from './http-cases/newer.ts'
import { redirects } from './http-cases/redirects.ts'
import { requests } from './http-cases/requests.ts'
import { tls } from './http-cases/tls.ts'
import { everywhere, named } from './support/differences.ts'
import { runCases } from './support/run-cases.ts'
import { startServers } from './support/servers.ts'

const test = testWith('prometheus-blackbox-exporter')
const groups = { answers, requests, redirects, bodies, tls, addresses, sameInOlderWords }

describe('blackbox_exporter and sonde, side by side', () => {
  const seen = runCases(test, groups, startServers)

  test('every difference that is named was seen', () => {
    expect([...seen].sort()).toEqual([...Object.keys(everywhere), ...Object.keys(named)].sort())
  })
})
