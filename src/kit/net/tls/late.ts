import { ProbeFailure } from '../../failure.ts'

interface TlsError extends Error {
  readonly code?: string
  /** OpenSSL's text, without the places in its source that fill the message. */
  readonly reason?: string
}

/** Why OpenSSL, or Node, gave a connection up. */
export const whyOf = ({ reason, message }: TlsError): string => reason ?? message

const isHangUp = (error: TlsError) =>
  error instanceof ProbeFailure ? error.reason === 'connect' : error.code === 'ECONNRESET' || error.code === 'EPIPE'

/**
 * What TLS has to do with a failure between the handshake and the first octet of the answer: in TLS 1.3 the client is
 * done before the server has judged its certificate (RFC 8446, 4.4.2.4). Most servers then send an alert; some just hang
 * up. `mayBeRefused` tells that a client certificate may have gone out and that no session ticket came back, with which
 * servers follow up a handshake that is complete. Undefined when TLS has nothing to do with it.
 */
export function lateFault(error: unknown, mayBeRefused: boolean): ProbeFailure | undefined {
  if (!(error instanceof Error)) return undefined
  const { code = '' }: TlsError = error
  if (code.startsWith('ERR_SSL_')) {
    return new ProbeFailure('tls', `TLS failed after the handshake: ${whyOf(error)}`, { cause: error })
  }
  if (!mayBeRefused || !isHangUp(error)) return undefined
  const message = 'the server hung up after the handshake: it may have refused the client certificate'
  return new ProbeFailure('tls', message, { cause: error })
}
