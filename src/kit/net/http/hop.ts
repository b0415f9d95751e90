import type { Socket } from 'node:net'
import { ProbeFailure } from '../../failure.ts'
import type { ProbeContext } from '../../prober.ts'
import type { Address } from '../address.ts'
import { connectFirst } from '../connect.ts'
import type { Phases } from '../phases.ts'
import { openThroughProxy, type ProxyMeans } from '../proxy/open.ts'
import type { ProxyServer } from '../proxy/proxy-url.ts'
import type { HostPort } from '../target.ts'
import type { TlsMaterial } from '../tls/context.ts'
import type { TlsFacts } from '../tls/facts.ts'
import { type Handshake, secure } from '../tls/secure.ts'
import type { Connection } from './connection.ts'
import { sendHttp1 } from './http1.ts'
import { sendHttp2 } from './http2.ts'
import type { HttpRequest, HttpResponse } from './message.ts'

/** Where one request goes, and how to talk to it. */
export interface HopTarget {
  /** To be tried in this order. */
  readonly addresses: readonly Address[]
  readonly port: number
  /** Local address to connect from. */
  readonly source: string | undefined
  /** What is connected to instead. */
  readonly proxy: HopProxy | undefined
  /** Undefined for plain HTTP. */
  readonly tls: HopTls | undefined
}

export interface HopProxy {
  readonly server: ProxyServer
  readonly means: ProxyMeans
  /** Where it connects through to; undefined when it gets the request itself. */
  readonly tunnelTo: HostPort | undefined
}

interface HopTls {
  readonly material: TlsMaterial
  readonly serverName: string
  readonly offersHttp2: boolean
}

export interface HopAnswer {
  readonly response: HttpResponse
  readonly tls: TlsFacts | undefined
}

export interface HopEvents {
  readonly phases: Phases
  /** Called with the address that took the connection. */
  readonly connected: (address: Address) => void
  /** Called before the failure when TLS fails although the server has shown its certificate. */
  readonly refused: (facts: TlsFacts) => void
  /** Gets what is to destroy from here on, whatever happens, in place of what it got before. */
  readonly opened: (connection: Connection) => void
}

type HopContext = Pick<ProbeContext, 'signal' | 'remainingMs' | 'now' | 'log'>

async function open(target: HopTarget, events: HopEvents, ctx: HopContext): Promise<Socket> {
  if (target.proxy !== undefined) {
    const { server, tunnelTo, means } = target.proxy
    return openThroughProxy(server, tunnelTo, means, events.opened, ctx)
  }
  const { socket, address } = await connectFirst(target.addresses, target, ctx)
  events.opened(socket)
  events.connected(address)
  ctx.log.debug('connected', { address: address.address, port: target.port })
  return socket
}

async function shakeHands(
  plain: Socket,
  tls: HopTls,
  { opened, refused }: HopEvents,
  { signal, now, log }: HopContext,
): Promise<Handshake> {
  const alpn = tls.offersHttp2 ? ['h2', 'http/1.1'] : ['http/1.1']
  const circumstances = { signal, now, alpn, opened, brokeOff: refused }
  const handshake = await secure(plain, tls.serverName, tls.material, circumstances)
  const { facts, fault, protocol } = handshake
  log.debug('shook hands', {
    server_name: tls.serverName,
    version: facts.version,
    cipher: facts.cipher,
    alpn: protocol ?? 'none',
    subject: facts.certificate?.subject,
    issuer: facts.certificate?.issuer,
    verdict: facts.verdict,
    must_verify: !tls.material.skipVerify,
  })
  if (fault !== undefined) {
    refused(facts)
    throw new ProbeFailure('tls', `certificate not accepted: ${fault}`)
  }
  return handshake
}

async function send(
  plain: Socket,
  secured: Handshake | undefined,
  request: HttpRequest,
  { opened, refused }: HopEvents,
  signal: AbortSignal,
): Promise<HttpResponse> {
  if (secured === undefined) return sendHttp1(plain, request, signal)
  const { socket, facts, protocol, lateFault } = secured
  try {
    return await (protocol === 'h2' ? sendHttp2(socket, request, opened, signal) : sendHttp1(socket, request, signal))
  } catch (error) {
    const fault = lateFault(error)
    if (fault === undefined) throw error
    refused(facts)
    throw fault
  }
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
  const plain = await open(target, events, ctx)
  phases.end()
  if (target.tls !== undefined) phases.begin('tls')
  const secured = target.tls && (await shakeHands(plain, target.tls, events, ctx))
  phases.begin('processing')
  const response = await send(plain, secured, request, events, ctx.signal)
  phases.begin('transfer')
  return { response, tls: secured?.facts }
}
