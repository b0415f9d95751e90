import { compareZone } from '../soa/run.ts'
import type { Check } from './check.ts'

/** `soa`: the serial numbers of the zone's servers. */
export const serial: Check = async ({ ctx, request, asked }) => {
  const { soa } = request.config
  return soa === undefined ? [] : [{ check: 'serial', fault: await compareZone(ctx, request, soa, asked) }]
}
