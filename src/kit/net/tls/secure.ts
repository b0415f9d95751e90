import { isIP, type Socket } from 'node:net'
import {
  type ConnectionOptions,
  connect,
  type DetailedPeerCertificate,
  type TLSSocket,
  type TLSSocketOptions,
} from 'node:tls'
import { ProbeFailure } from '../../failure.ts'
import { unbracketed } from '../target.ts'
import { chainOf, lastChainExpiryMs } from './chain.ts'
import type { TlsMaterial } from './context.ts'
import { certificateFacts, type TlsFacts, tlsVersionName } from './facts.ts'
import { lateFault, whyOf } from './late.ts'
import { verifyFault } from './verdict.ts'

export interface Handshake {
  readonly socket: TLSSocket
  readonly facts: TlsFacts
  /** Why the certificate was not accepted. Nothing may be sent then. */
  readonly fault: string | undefined
  /** What both sides agreed on by ALPN. */
  readonly protocol: string | undefined
  /** Looks at a failure before the first octet of the answer; gives the failure of TLS that it really was, if any. */
  readonly lateFault: (error: unknown) => ProbeFailure | undefined
}

interface Circumstances {
  readonly signal: AbortSignal
  readonly now: () => number
  readonly alpn: readonly string[]
  /** Gets the TLS socket as soon as the connection belongs to it. */
  readonly opened: (socket: TLSSocket) => void
  /** Gets the facts, before the failure, when the handshake breaks off after the server showed its certificate. */
  readonly brokeOff?: (facts: TlsFacts) => void
}

/** What the server has shown while it waits for our part of the handshake. */
interface Shown {
  readonly version: string | null
  readonly peer: DetailedPeerCertificate
  readonly isStapled: boolean
}

/**
 * Shakes hands over a connected socket, which belongs to the TLS socket from here on: it goes when that is destroyed,
 * and destroying it underneath crashes Node. Verification comes after the handshake, so that the facts are there when
 * that fails. The server name goes out unless it is an address, without a dot at its end (RFC 6066, 3). No session is
 * ever resumed. Throws `ProbeFailure('tls')` when there was no handshake.
 */
export async function secure(
  socket: Socket,
  serverName: string,
  tls: TlsMaterial,
  circumstances: Circumstances,
): Promise<Handshake> {
  const name = unbracketed(serverName)
  let shown: Shown | undefined
  let hasTicket = false
  const watch = (secured: TLSSocket) => {
    // Node tells in every handshake whether there is a response, just before our part of it begins.
    secured.once('OCSPResponse', (response: Buffer | null) => {
      shown = { version: secured.getProtocol(), peer: secured.getPeerCertificate(true), isStapled: response !== null }
    })
    if (tls.hasIdentity) secured.once('session', () => (hasTicket = true))
    circumstances.opened(secured)
  }
  const secured = await shakeHands(socket, name, tls, circumstances, watch).catch(error => {
    if (shown !== undefined) circumstances.brokeOff?.(brokenFacts(shown, tls))
    throw error
  })
  const { facts, fault } = judge(secured, shown, name, tls, circumstances.now())
  const mayBeRefused = () => tls.hasIdentity && facts.version === 'TLS 1.3' && !hasTicket
  return {
    socket: secured,
    facts,
    fault,
    protocol: secured.alpnProtocol || undefined,
    lateFault: error => lateFault(error, mayBeRefused()),
  }
}

const brokenFacts = ({ version, peer, isStapled }: Shown, { trust }: TlsMaterial): TlsFacts => ({
  version: tlsVersionName(version),
  cipher: undefined,
  verdict: undefined,
  isStapled,
  certificate: certificateFacts(chainOf(peer), trust, undefined),
})

function judge(
  secured: TLSSocket,
  shown: Shown | undefined,
  name: string,
  { trust, skipVerify }: TlsMaterial,
  nowMs: number,
): Pick<Handshake, 'facts' | 'fault'> {
  const chain = chainOf(shown?.peer ?? secured.getPeerCertificate(true))
  const fault = verifyFault(secured, chain[0], name)
  const lastExpiryMs = skipVerify || fault !== undefined ? undefined : lastChainExpiryMs(chain, trust, nowMs)
  const facts: TlsFacts = {
    version: tlsVersionName(secured.getProtocol()),
    cipher: secured.getCipher().standardName,
    verdict: fault?.error ?? 'verified',
    isStapled: shown?.isStapled,
    certificate: certificateFacts(chain, trust, lastExpiryMs),
  }
  return { facts, fault: skipVerify ? undefined : fault?.message }
}

function shakeHands(
  socket: Socket,
  name: string,
  tls: TlsMaterial,
  { signal, alpn }: Circumstances,
  watch: (secured: TLSSocket) => void,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      socket.destroy()
      reject(signal.reason)
      return
    }
    const options: ConnectionOptions & Pick<TLSSocketOptions, 'requestOCSP'> = {
      socket,
      secureContext: tls.context,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      requestOCSP: true,
      ...(alpn.length > 0 ? { ALPNProtocols: [...alpn] } : {}),
      ...(isIP(name) === 0 && name !== '' ? { servername: name.replace(/\.$/, '') } : {}),
    }
    const secured = connect(options)
    watch(secured)
    const settle = () => signal.removeEventListener('abort', onAbort)
    const onAbort = () => {
      settle()
      secured.destroy()
      reject(signal.reason)
    }
    secured.on('error', error => {
      settle()
      reject(new ProbeFailure('tls', `TLS handshake failed: ${whyOf(error)}`, { cause: error }))
    })
    secured.once('secureConnect', () => {
      settle()
      resolve(secured)
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
