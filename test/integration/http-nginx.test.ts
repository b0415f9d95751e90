import { describe } from 'vitest'
import { testWith } from '../support/programs.ts'
import { nginx } from './http-cases/nginx.ts'
import { http } from './support/differences.ts'
import { startNginx } from './support/nginx.ts'
import { runCases } from './support/run-cases.ts'

describe('nginx, by blackbox_exporter and sonde', () => {
  runCases(testWith('prometheus-blackbox-exporter', 'nginx', 'openssl'), http, nginx, startNginx)
})
