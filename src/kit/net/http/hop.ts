import type { Socket } from 'node:net'
import { ProbeFailure } from '../../failure.ts'
import type { ProbeContext } from '../../prober.ts'
import { safeText } from '../../text.ts'
import { connectTcp } from '../connect.ts'
import type { Phases } from '../phases.ts'
import type { TlsMaterial } from '../tls/context.ts'
import type { TlsFacts } from '../tls/facts.ts'
import { secure } from '../tls/secure.ts'
import { type HttpRequest, type HttpResponse, sendRequest } from './http1.ts'

/** Where one request goes: one address, and how to talk to it. */
export interface HopTarget {
  readonly address: string
  readonly port: number
  /** Undefined for plain HTTP. */
  readonly tls: { readonly material: TlsMaterial; readonly serverName: string } | undefined
}

export interface HopAnswer {
  readonly response: HttpResponse
  readonly tls: TlsFacts | undefined
  /** The connection, for the caller to destroy. */
  readonly socket: Socket
}

export interface HopEvents {
  readonly phases: Phases
  /** Called when the certificate was not accepted, before the failure. */
  readonly refused: (facts: TlsFacts) => void
  /** Gets what is to destroy from here on, whatever happens, in place of what it got before. */
  readonly opened: (socket: Socket) => void
}

type HopContext = Pick<ProbeContext, 'signal' | 'now' | 'log'>

async function secured(plain: Socket, tls: HopTarget['tls'], events: HopEvents, ctx: HopContext) {
  if (tls === undefined) return { socket: plain, facts: undefined }
  events.phases.begin('tls')
  const { signal, now, log } = ctx
  const circumstances = { signal, now, alpn: ['http/1.1'], opened: events.opened }
  const handshake = await secure(plain, tls.serverName, tls.material, circumstances)
  events.phases.end()
  const { facts, fault } = handshake
  log.debug('shook hands', {
    server_name: tls.serverName,
    version: facts.version,
    cipher: facts.cipher,
    subject: facts.certificate?.subject,
    issuer: facts.certificate?.issuer,
    verified: tls.material.skipVerify ? 'skipped' : fault === undefined,
  })
  if (fault !== undefined) {
    events.refused(facts)
    throw new ProbeFailure('tls', `certificate not accepted: ${fault}`)
  }
  return { socket: handshake.socket, facts }
}

/**
 * Opens a connection of its own, shakes hands if need be, sends the request, and resolves with the head of the answer;
 * the phase `transfer` is running then. Nothing is sent before the certificate was accepted.
 */
export async function runHop(
  target: HopTarget,
  request: HttpRequest,
  events: HopEvents,
  ctx: HopContext,
): Promise<HopAnswer> {
  const { phases } = events
  phases.begin('connect')
  const plain = await connectTcp(target, ctx.signal)
  events.opened(plain)
  phases.end()
  ctx.log.debug('connected', { address: target.address, port: target.port })
  const { socket, facts } = await secured(plain, target.tls, events, ctx)
  phases.begin('processing')
  const response = await sendRequest(socket, request, ctx.signal)
  phases.begin('transfer')
  ctx.log.debug('got an answer', {
    status: response.status,
    version: `HTTP/${response.version}`,
    content_length: response.contentLength,
    content_type: safeText(response.headers.get('content-type')?.[0] ?? ''),
  })
  return { response, tls: facts, socket }
}
