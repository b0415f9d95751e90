import { checkHttpClient, httpClientOptions } from '../../kit/net/http/options.ts'
import { addressOptions, secret, text, z } from '../../kit/options.ts'
import { definePlanned } from '../../kit/prober.ts'
import { queryResponse } from '../../kit/query-response.ts'

const headerSources = z.strictObject({
  values: z.array(text()).default([]).describe('Values to send.'),
  secrets: z.array(secret()).default([]).describe('Values to send that are hidden in dumps.'),
  files: z.array(text()).default([]).describe('Files whose content is a value to send.'),
})

const options = z.strictObject({
  ...addressOptions,
  http_config: z
    .strictObject(httpClientOptions)
    .superRefine(checkHttpClient)
    .optional()
    .describe('HTTP client of the opening handshake.'),
  headers: z
    .record(text(), z.union([text(), headerSources]))
    .optional()
    .describe('Headers of the opening handshake.'),
  query_response: queryResponse(),
})

export const websocket = definePlanned({
  name: 'websocket',
  options,
  planned: 'sonde does not have the websocket prober yet',
})
