import type { Signature } from './rrset.ts'

type Times = Pick<Signature, 'inception' | 'expiration'>

/** How far `a` is after `b`, both seconds modulo 2^32 (RFC 1982, as RFC 4034, 3.1.5 demands). */
const serialDistance = (a: number, b: number) => (a - b) | 0

export const expiresAtSeconds = ({ expiration }: Times, nowSeconds: number): number =>
  nowSeconds + serialDistance(expiration, nowSeconds)

export const startsAtSeconds = ({ inception }: Times, nowSeconds: number): number =>
  nowSeconds + serialDistance(inception, nowSeconds)

export const isExpired = (times: Times, nowSeconds: number): boolean => expiresAtSeconds(times, nowSeconds) < nowSeconds
export const isNotYetValid = (times: Times, nowSeconds: number): boolean =>
  startsAtSeconds(times, nowSeconds) > nowSeconds
