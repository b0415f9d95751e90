import { describe } from 'vitest'
import { testWith } from '../support/programs.ts'
import { proxies } from './http-cases/proxies.ts'
import { http } from './support/differences.ts'
import { startProxies } from './support/proxies.ts'
import { runCases } from './support/run-cases.ts'

describe('through a proxy, by blackbox_exporter and sonde', () => {
  runCases(testWith('prometheus-blackbox-exporter', 'tinyproxy', 'microsocks'), http, proxies, startProxies)
})
