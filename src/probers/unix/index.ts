import { checkStream, streamOptions } from '../../kit/net/stream-options.ts'
import { z } from '../../kit/options.ts'
import { definePlanned } from '../../kit/prober.ts'

const options = z.strictObject(streamOptions).superRefine(checkStream)

export const unix = definePlanned({ name: 'unix', options, planned: 'sonde does not have the unix prober yet' })
