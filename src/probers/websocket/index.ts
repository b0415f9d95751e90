import { moduleHeaders } from '../../kit/net/http/header-options.ts'
import { checkHttpClient, httpClientOptions } from '../../kit/net/http/options.ts'
import { addressOptions, z } from '../../kit/options.ts'
import { definePlanned } from '../../kit/prober.ts'
import { queryResponse } from '../../kit/query-response.ts'

const options = z.strictObject({
  ...addressOptions,
  http_config: z
    .strictObject(httpClientOptions)
    .superRefine(checkHttpClient)
    .optional()
    .describe('HTTP client of the opening handshake.'),
  headers: moduleHeaders().optional().describe('Headers of the opening handshake.'),
  query_response: queryResponse(),
})

export const websocket = definePlanned({
  name: 'websocket',
  options,
  planned: 'sonde does not have the websocket prober yet',
})
