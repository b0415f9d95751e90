import { DeadlineExceeded, isExhaustion, Overloaded, ProbeFailure, type Reason } from './failure.ts'

const byCode: Readonly<Record<string, Reason>> = {
  ENOTFOUND: 'resolve',
  ENODATA: 'resolve',
  ESERVFAIL: 'resolve',
  EREFUSED: 'resolve',
  ECONNREFUSED: 'connect',
  ECONNRESET: 'connect',
  ECONNABORTED: 'connect',
  EHOSTUNREACH: 'connect',
  EHOSTDOWN: 'connect',
  ENETUNREACH: 'connect',
  ENETDOWN: 'connect',
  EADDRNOTAVAIL: 'connect',
  EPIPE: 'connect',
  ETIMEDOUT: 'timeout',
  ENOENT: 'not_found',
  ENOTDIR: 'not_found',
  EPROTO: 'tls',
}

const byPrefix: readonly (readonly [prefix: string, reason: Reason])[] = [
  ['EAI_', 'resolve'],
  ['CERT_', 'tls'],
  ['ERR_TLS', 'tls'],
  ['ERR_SSL', 'tls'],
  ['DEPTH_ZERO', 'tls'],
  ['SELF_SIGNED', 'tls'],
  ['UNABLE_TO', 'tls'],
  ['HPE_', 'protocol'],
]

/** Calls on sockets; what they refuse without a reason of its own above, the network refused. */
const networkCalls = new Set(['connect', 'bind', 'send', 'sendto', 'sendmsg', 'recvmsg', 'shutdown'])

interface SystemError {
  readonly code?: unknown
  readonly syscall?: unknown
}

/** The error and what caused it, outermost first. */
function* chain(error: unknown): Generator<unknown> {
  for (let depth = 0; error instanceof Error && depth < 10; depth++, error = error.cause) yield error
}

function reasonOf(error: unknown): Reason | undefined {
  if (error instanceof ProbeFailure) return error.reason
  if (error instanceof DeadlineExceeded) return 'timeout'
  const { code, syscall } = error as SystemError
  if (typeof code !== 'string') return undefined
  const known = byCode[code] ?? byPrefix.find(([prefix]) => code.startsWith(prefix))?.[1]
  if (known !== undefined) return known
  if (syscall === 'getaddrinfo') return 'resolve'
  if (networkCalls.has(String(syscall))) return 'connect'
  return code === 'EACCES' || code === 'EPERM' ? 'denied' : undefined
}

/** The only place where an error becomes a reason. Undefined: nothing that a target can cause, so it is our bug. */
export function classify(error: unknown): Reason | undefined {
  for (const link of chain(error)) {
    const reason = reasonOf(link)
    if (reason !== undefined) return reason
  }
  return undefined
}

/** Whether sonde itself ran out of something; to be asked before `classify`, as the target is not at fault then. */
export function isOverload(error: unknown): boolean {
  for (const link of chain(error)) {
    if (link instanceof Overloaded || isExhaustion(link)) return true
  }
  return false
}
