import { describe, expect, test } from 'vitest'
import { classify, isOverload } from '../../../src/kit/classify.ts'
import { DeadlineExceeded, Denied, ProbeFailure } from '../../../src/kit/failure.ts'
import { DnsFailure, rethrow } from '../../../src/probers/dns/failure.ts'

const systemError = (code: string, syscall: string) => Object.assign(new Error(`${syscall} ${code}`), { code, syscall })

function rethrown(error: unknown): unknown {
  try {
    rethrow(error)
  } catch (thrown) {
    return thrown
  }
}

describe('what a target can cause is a DnsFailure, of which both reasons follow', () => {
  test.each([
    ['EINVAL', 'connect', 'unreachable', 'connect'],
    ['EACCES', 'connect', 'unreachable', 'connect'],
    ['EACCES', 'recvmsg', 'unreachable', 'connect'],
    ['EPERM', 'send', 'unreachable', 'connect'],
    ['EPROTO', 'recvmsg', 'unreachable', 'connect'],
    ['EHOSTUNREACH', 'connect', 'unreachable', 'connect'],
    ['EADDRNOTAVAIL', 'bind', 'unreachable', 'connect'],
    ['EAFNOSUPPORT', 'connect', 'unreachable', 'connect'],
    ['ECONNREFUSED', 'recvmsg', 'connect_refused', 'connect'],
    ['ECONNRESET', 'read', 'closed', 'connect'],
    ['ECONNABORTED', 'connect', 'closed', 'connect'],
    ['EPIPE', 'write', 'closed', 'connect'],
    ['ETIMEDOUT', 'connect', 'timeout', 'timeout'],
    ['ENOTFOUND', 'getaddrinfo', 'resolve', 'resolve'],
    ['EAI_AGAIN', 'getaddrinfo', 'resolve', 'resolve'],
    ['EINVAL', 'getaddrinfo', 'resolve', 'resolve'],
  ])('%s of %s: %s, %s', (code, syscall, detail, reason) => {
    const error = systemError(code, syscall)
    const failure = rethrown(error)
    expect(failure).toBeInstanceOf(DnsFailure)
    expect(failure).toMatchObject({ detail, message: error.message, cause: error })
    expect(classify(failure)).toBe(reason)
    expect(isOverload(failure)).toBe(false)
  })

  test('also that a name has no address', () => {
    const failure = rethrown(new ProbeFailure('resolve', 'x has no IPv4 address'))
    expect(failure).toBeInstanceOf(DnsFailure)
    expect(failure).toMatchObject({ detail: 'resolve', reason: 'resolve', message: 'x has no IPv4 address' })
  })
})

describe('everything else stays as it is', () => {
  test.each(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN'])('%s is trouble of our own', code => {
    for (const syscall of ['connect', 'getaddrinfo']) {
      const error = systemError(code, syscall)
      expect(rethrown(error)).toBe(error)
      expect(isOverload(error)).toBe(true)
    }
  })

  test.each([
    new DnsFailure('malformed', 'x'),
    new ProbeFailure('denied', 'x'),
    new Denied('address'),
    new DeadlineExceeded(),
    new TypeError('x'),
    Object.assign(new Error('x'), { code: 'ERR_SOCKET_BAD_PORT' }),
    'no error at all',
  ])('%s', error => {
    expect(rethrown(error)).toBe(error)
  })
})
