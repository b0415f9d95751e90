import { expect, test } from 'vitest'
import { ProbeFailure } from '../../../../src/kit/failure.ts'
import { lateFault } from '../../../../src/kit/net/tls/late.ts'

const coded = (code: string, reason?: string) => Object.assign(new Error('text of Node'), { code, reason })

test.each([
  ['an alert', coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tlsv13 alert certificate required'), false],
  ['a reset, when the client certificate may be refused', coded('ECONNRESET'), true],
  ['a broken pipe then', coded('EPIPE'), true],
  ['a connection that ended then', new ProbeFailure('connect', 'closed'), true],
])('%s is the fault of TLS', (_name, error, mayBeRefused) => {
  expect(lateFault(error, mayBeRefused)).toMatchObject({ reason: 'tls', cause: error })
})

test.each([
  ['a reset', coded('ECONNRESET'), false],
  ['a connection that ended', new ProbeFailure('connect', 'closed'), false],
  ['an answer that broke off, when the client certificate may be refused', new ProbeFailure('protocol', 'half'), true],
  ['a malformed answer then', coded('HPE_INVALID_CONSTANT'), true],
  ['the deadline then', new Error('the deadline passed'), true],
  ['what is no error', undefined, true],
])('%s is not', (_name, error, mayBeRefused) => {
  expect(lateFault(error, mayBeRefused)).toBeUndefined()
})
