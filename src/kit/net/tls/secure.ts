import type { X509Certificate } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { ProbeFailure } from '../../failure.ts'
import { unbracketed } from '../target.ts'
import type { TlsMaterial } from './context.ts'
import { certificateFacts, chainOf, lastChainExpiryMs, type TlsFacts, tlsVersionName } from './facts.ts'

/** A name without brackets and without the dot at the end. */
const bareName = (name: string) => unbracketed(name).replace(/\.$/, '')

/** Why the certificate does not fit the name, by Go's rules: its alternative names alone count, not its CN. */
function nameFault(leaf: X509Certificate | undefined, name: string): string | undefined {
  if (leaf === undefined) return 'the server sent no certificate'
  const fits =
    isIP(name) === 0 ? leaf.checkHost(name, { subject: 'never', partialWildcards: false }) : leaf.checkIP(name)
  return fits === undefined ? `the certificate is not valid for ${name}` : undefined
}

export interface Handshake {
  readonly socket: TLSSocket
  readonly facts: TlsFacts
  /** Why the certificate was not accepted. Nothing may be sent then. */
  readonly fault: string | undefined
}

interface Circumstances {
  readonly signal: AbortSignal
  readonly now: () => number
  readonly alpn: readonly string[]
  /** Gets the TLS socket as soon as the connection belongs to it. */
  readonly opened: (socket: TLSSocket) => void
}

/**
 * Shakes hands over a connected socket, which belongs to the TLS socket from here on: it goes when that is destroyed,
 * and destroying it underneath crashes Node. Verification comes after the handshake, so that the facts are there when
 * that fails. The server name goes out unless it is an address (RFC 6066, 3). Throws `ProbeFailure('tls')` when there
 * was no handshake.
 */
export async function secure(
  socket: Socket,
  serverName: string,
  tls: TlsMaterial,
  circumstances: Circumstances,
): Promise<Handshake> {
  const name = bareName(serverName)
  const secured = await shakeHands(socket, name, tls, circumstances)
  const chain = chainOf(secured)
  const error = secured.authorized ? undefined : String(secured.authorizationError)
  const fault = tls.skipVerify ? undefined : (error ?? nameFault(chain[0], name))
  const isVerified = !tls.skipVerify && fault === undefined
  const facts: TlsFacts = {
    version: tlsVersionName(secured.getProtocol()),
    cipher: secured.getCipher().standardName,
    certificate: certificateFacts(
      chain,
      isVerified ? lastChainExpiryMs(chain, tls.trust, circumstances.now()) : undefined,
    ),
  }
  return { socket: secured, facts, fault }
}

function shakeHands(
  socket: Socket,
  name: string,
  tls: TlsMaterial,
  { signal, alpn, opened }: Circumstances,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      socket.destroy()
      reject(signal.reason)
      return
    }
    const secured = connect({
      socket,
      secureContext: tls.context,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ...(alpn.length > 0 ? { ALPNProtocols: [...alpn] } : {}),
      ...(isIP(name) === 0 && name !== '' ? { servername: name } : {}),
    })
    opened(secured)
    const settle = () => signal.removeEventListener('abort', onAbort)
    const onAbort = () => {
      settle()
      secured.destroy()
      reject(signal.reason)
    }
    secured.on('error', error => {
      settle()
      reject(new ProbeFailure('tls', `TLS handshake failed: ${error.message}`, { cause: error }))
    })
    secured.once('secureConnect', () => {
      settle()
      resolve(secured)
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
