import { DnsFailure } from '../failure.ts'
import { compareZone } from '../soa/run.ts'
import type { Check } from './check.ts'

/** `soa`: the serial numbers of the zone's servers. */
export const serial: Check = async ({ ctx, request, asked }) => {
  const { soa } = request.config
  if (soa === undefined) return []
  try {
    await compareZone(ctx, request, soa, asked)
    return [{ check: 'serial', fault: undefined }]
  } catch (error) {
    if (error instanceof DnsFailure && error.detail === 'serial') return [{ check: 'serial', fault: error.message }]
    throw error
  }
}
