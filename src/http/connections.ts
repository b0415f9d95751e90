import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from '../engine/logger.ts'

/** Keeps count of what is open: so many connections at once, and so long for a client to take its answer. */
export interface Connections {
  /** A client has connected. False: there is no room, and the connection is closed. */
  admit(socket: Socket): boolean
  /** A handshake is waited for, which gives way like anything that idles. */
  shakesHands(socket: Socket): void
  /** HTTP begins on it, after the handshake where there is one; `before` is the socket that waited for that. */
  began(socket: Socket, before?: Socket): void
  asked(request: IncomingMessage, response: ServerResponse): void
  isBusy(socket: Duplex): boolean
  /** Asks every client that waits for an answer to close after it. */
  closeAfterAnswers(): void
  /** Closes what waits for no answer. */
  closeQuiet(): void
  closeAll(): void
  /** Ends the watch over answers that nobody takes. */
  stop(): void
}

const usualTimes = { sweepMs: 5000, takeAnswerMs: 30_000 }
const quietMs = 60_000

/** Admits `max` connections; to one more, the one that has idled for longest gives way. */
export function createConnections(
  max: number,
  log: Logger | undefined,
  { sweepMs, takeAnswerMs } = usualTimes,
): Connections {
  const open = new Set<Socket>()
  const idle = new Set<Socket>() // oldest first
  const busy = new Map<Socket, number>()
  const unanswered = new Set<ServerResponse>()
  let toldMs = Number.NEGATIVE_INFINITY
  let finished = new Map<ServerResponse, number>()

  function answered(response: ServerResponse, socket: Socket): void {
    unanswered.delete(response)
    const left = (busy.get(socket) ?? 1) - 1
    if (left > 0) busy.set(socket, left)
    else {
      busy.delete(socket)
      if (!socket.destroyed) idle.add(socket)
    }
  }

  function makeRoom(): boolean {
    if (performance.now() - toldMs > quietMs) {
      toldMs = performance.now()
      log?.warn('too many connections: those that idle for longest are closed', { limit: max })
    }
    const [longest] = idle
    if (longest === undefined) return false
    idle.delete(longest)
    longest.destroy()
    return true
  }

  /** An answer that is written but not taken holds memory for as long as its client likes. */
  function sweep(): void {
    const nowMs = performance.now()
    const still = new Map<ServerResponse, number>()
    for (const response of unanswered) {
      if (!response.writableEnded) continue
      const sinceMs = finished.get(response) ?? nowMs
      if (nowMs - sinceMs >= takeAnswerMs) response.socket?.destroy()
      else still.set(response, sinceMs)
    }
    finished = still
  }
  const sweeper = setInterval(sweep, sweepMs).unref()

  function idles(socket: Socket): void {
    idle.add(socket)
    socket.once('close', () => {
      idle.delete(socket)
      busy.delete(socket)
    })
  }

  return {
    admit(socket) {
      if (open.size >= max && !makeRoom()) {
        socket.destroy()
        return false
      }
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      return true
    },
    shakesHands: idles,
    began(socket, before) {
      if (before !== undefined) idle.delete(before)
      idles(socket)
    },
    asked({ socket }, response) {
      idle.delete(socket)
      busy.set(socket, (busy.get(socket) ?? 0) + 1)
      unanswered.add(response)
      response.once('close', () => answered(response, socket))
    },
    isBusy: socket => busy.has(socket as Socket),
    closeAfterAnswers() {
      for (const response of unanswered) response.shouldKeepAlive = false
    },
    closeQuiet() {
      for (const socket of busy.size === 0 ? open : idle) socket.destroy()
    },
    closeAll() {
      for (const socket of open) socket.destroy()
    },
    stop: () => clearInterval(sweeper),
  }
}
