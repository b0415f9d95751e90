import { get as httpGet, type IncomingMessage } from 'node:http'
import { get as httpsGet } from 'node:https'

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Asked instead of the host of the URL. */
  readonly socketPath?: string | undefined
  /** Takes any certificate. */
  readonly isInsecure?: boolean
}

export interface Got {
  readonly status: number
  readonly type: string
  readonly body: string
}

const maxBodyBytes = 64 * 1024 * 1024

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw new Error(`an answer of more than ${maxBodyBytes} octets`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** Asks a sonde; user and password may stand in the URL. No redirects, no proxy. Throws what `node:http` throws. */
export async function get(url: URL, { isInsecure = false, ...options }: GetOptions): Promise<Got> {
  const connection = { ...options, agent: false, rejectUnauthorized: !isInsecure }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.protocol === 'https:' ? httpsGet(url, connection, resolve) : httpGet(url, connection, resolve)
    request.on('error', reject)
  })
  const body = await readBody(response)
  return { status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body }
}
