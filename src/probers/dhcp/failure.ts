import { Denied, isExhaustion, ProbeFailure, type Reason } from '../../kit/failure.ts'
import { FileRefused } from '../../kit/files/refused.ts'

/** The finer list of failures, and the exporter-wide reason that each one counts as. */
const sharedReasons = {
  not_found: 'not_found',
  permission_denied: 'denied',
  outside_roots: 'denied',
  symlink: 'denied',
  not_regular_file: 'denied',
  too_large: 'too_large',
  malformed: 'protocol',
  unrecognised_format: 'protocol',
  wrong_family: 'protocol',
  empty: 'protocol',
  check_failed: 'content',
  timeout: 'timeout',
  read_error: 'connect',
} as const satisfies Record<string, Reason>

export type LeaseFileReason = keyof typeof sharedReasons

/**
 * Why a lease file could not be used. The message never holds content of the file nor a path that a link leads to: the
 * answer must not tell more about a file than the caller may know.
 */
export class LeaseFileError extends Error {
  readonly reason: LeaseFileReason

  constructor(reason: LeaseFileReason, message: string) {
    super(message)
    this.name = 'LeaseFileError'
    this.reason = reason
  }
}

const byCode: Readonly<Record<string, readonly [LeaseFileReason, string]>> = {
  ENOENT: ['not_found', 'no such file'],
  ENOTDIR: ['not_found', 'no such file'],
  ENAMETOOLONG: ['not_found', 'no such file'],
  EACCES: ['permission_denied', 'no permission to read the file'],
  EPERM: ['permission_denied', 'no permission to read the file'],
}

/** Makes a `LeaseFileError` of an error of the file system; undefined when the target is not at fault. */
export function toLeaseFileError(error: unknown): LeaseFileError | undefined {
  if (error instanceof LeaseFileError) return error
  if (error instanceof FileRefused) return new LeaseFileError(error.reason, error.message)
  const { code, syscall } = error as NodeJS.ErrnoException
  if (typeof code !== 'string' || syscall === undefined || isExhaustion(error)) return undefined
  const [reason, message] = byCode[code] ?? ['read_error', `reading failed with ${code}`]
  return new LeaseFileError(reason, message)
}

/** The same failure for the engine; what the policy refused carries `Denied`, so that refusals are counted as one. */
export function toProbeFailure({ reason, message }: LeaseFileError): ProbeFailure {
  const refused = reason === 'outside_roots' || reason === 'symlink'
  return new ProbeFailure(sharedReasons[reason], message, refused ? { cause: new Denied('path') } : undefined)
}
