import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { classify, isOverload } from '../../src/kit/classify.ts'
import { DeadlineExceeded, Overloaded, ProbeFailure } from '../../src/kit/failure.ts'

const coded = (code: string, syscall?: string) => Object.assign(new Error(code), { code, syscall })

test.each([
  [new ProbeFailure('content', 'x'), 'content'],
  [new DeadlineExceeded(), 'timeout'],
  [new Error('outer', { cause: new ProbeFailure('status', 'x') }), 'status'],
  [new DOMException('aborted', 'AbortError'), undefined],
  [Object.assign(new Error('aborted', { cause: new DeadlineExceeded() }), { code: 'ABORT_ERR' }), 'timeout'],
  [coded('ENOTFOUND', 'getaddrinfo'), 'resolve'],
  [coded('EAI_AGAIN', 'getaddrinfo'), 'resolve'],
  [coded('ECONNREFUSED'), 'connect'],
  [coded('ECONNRESET'), 'connect'],
  [coded('EHOSTUNREACH'), 'connect'],
  [coded('ENETUNREACH'), 'connect'],
  [coded('EPIPE'), 'connect'],
  [coded('ETIMEDOUT'), 'timeout'],
  [coded('ENOENT', 'open'), 'not_found'],
  [coded('ENOTDIR', 'stat'), 'not_found'],
  [coded('EACCES', 'open'), 'denied'],
  [coded('EPERM', 'realpath'), 'denied'],
  [coded('EACCES', 'connect'), 'connect'],
  [coded('EPERM', 'send'), 'connect'],
  [coded('EACCES', 'recvmsg'), 'connect'],
  [coded('EINVAL', 'connect'), 'connect'],
  [coded('EAFNOSUPPORT', 'connect'), 'connect'],
  [coded('EINVAL', 'read'), undefined],
  [coded('CERT_HAS_EXPIRED'), 'tls'],
  [coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls'],
  [coded('SELF_SIGNED_CERT_IN_CHAIN'), 'tls'],
  [coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'tls'],
  [coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'tls'],
  [coded('ERR_SSL_WRONG_VERSION_NUMBER'), 'tls'],
  [coded('EPROTO'), 'tls'],
  [coded('HPE_INVALID_CONSTANT'), 'protocol'],
  [new TypeError('undefined is not a function'), undefined],
  [coded('ERR_INVALID_ARG_TYPE'), undefined],
  ['text', undefined],
  [undefined, undefined],
])('%s is %s', (error, reason) => {
  expect(classify(error)).toBe(reason)
})

describe('what Node really throws', () => {
  test('a closed port', async () => {
    const error = await new Promise(resolve => connect(1, '127.0.0.1').once('error', resolve))
    expect(classify(error)).toBe('connect')
  })
  test('a missing file', async () => {
    expect(classify(await readFile('/nope/x').catch((error: unknown) => error))).toBe('not_found')
  })
  test('a missing name', async () => {
    expect(classify(await lookup('nope.invalid').catch((error: unknown) => error))).toBe('resolve')
  })
})

test('a cause that is its own cause ends', () => {
  const error = new Error('loop')
  error.cause = error
  expect(classify(error)).toBeUndefined()
})

test.each([
  [new Overloaded('full'), true],
  [new ProbeFailure('connect', 'x', { cause: coded('EMFILE') }), true],
  [coded('ENFILE'), true],
  [coded('ENOMEM'), true],
  [new DeadlineExceeded(), false],
  [coded('ECONNREFUSED'), false],
])('%s is overload: %s', (error, expected) => {
  expect(isOverload(error)).toBe(expected)
})
