/** What validation can come to, from best to worst but for `unchecked`; a closed list. */
export const statuses = ['secure', 'unchecked', 'insecure', 'not_yet_valid', 'expired', 'key_missing', 'bogus'] as const

export type Status = (typeof statuses)[number]

/** A status, and why it is no better. */
export interface Finding {
  readonly status: Status
  readonly message: string
}

export const secure: Finding = { status: 'secure', message: 'all signatures are valid' }

export const finding = (status: Status, message: string): Finding => ({ status, message })

const rank = ({ status }: Finding) => statuses.indexOf(status)

/** The first of the worst; `secure` when there is none. */
export const worst = (findings: readonly Finding[]): Finding =>
  findings.reduce((found, next) => (rank(next) > rank(found) ? next : found), secure)
