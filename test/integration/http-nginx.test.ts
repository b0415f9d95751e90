import { describe } from 'vitest'
import { testWith } from '../support/programs.ts'
import { certificates, http2Cases, plainHttp, tlsVersions } from './http-cases/nginx.ts'
import { certificates as made } from './support/certificates.ts'
import { startNginx } from './support/nginx.ts'
import { runCases } from './support/run-cases.ts'

const groups = { tlsVersions, http2: http2Cases, plainHttp, certificates: certificates(Object.keys(made)) }

describe('nginx, by blackbox_exporter and sonde', () => {
  runCases(testWith('prometheus-blackbox-exporter', 'nginx', 'openssl'), groups, startNginx)
})
