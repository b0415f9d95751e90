/** What can be wrong with a message; a closed list. */
export const malformedReasons = [
  'short_header',
  'counts_too_large',
  'question_short',
  'record_short',
  'rdata_short',
  'bad_label',
  'bad_pointer',
  'name_too_long',
  'misplaced_opt',
  'two_opt',
  'bad_rdata',
] as const

export type MalformedReason = (typeof malformedReasons)[number]

/** The only error that reading octets from the network can end in. */
export class Malformed extends Error {
  readonly reason: MalformedReason

  constructor(reason: MalformedReason) {
    super(`malformed message: ${reason}`)
    this.name = 'Malformed'
    this.reason = reason
  }
}
