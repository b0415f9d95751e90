import type { Mismatch } from './match.ts'

/** Whom to ask, and from where. */
export interface Server {
  readonly address: string
  readonly family: 4 | 6
  readonly port: number
  /** Local address to send from; undefined leaves the choice to the kernel. */
  readonly source: string | undefined
}

export type Transport = 'udp' | 'tcp'

export type Phase = 'resolve' | 'connect' | 'request'

/** Is told what happens during an exchange. */
export interface Watch {
  /** A phase begins, and the one before ends. */
  phase(phase: Phase): void
  /** A message was skipped, the `count`th. */
  ignored(count: number, why: Mismatch | 'short'): void
  /** The answer over UDP is truncated, so the question is asked again over TCP. */
  fallsBack(): void
}
