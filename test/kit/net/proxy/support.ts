import { checkProxy, proxyOptions } from '../../../../src/kit/net/proxy/options.ts'
import { z } from '../../../../src/kit/options.ts'

export const schema = z.strictObject(proxyOptions).superRefine(checkProxy)

/** Options as they are after loading. */
export const parse = (options: Readonly<Record<string, unknown>>) => schema.parse(options)
