import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request as plainRequest } from 'node:http'
import { type AgentOptions, Agent as SecureAgent, request as secureRequest } from 'node:https'

export interface WebAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface AskOptions extends AgentOptions {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  /** The unix socket to go through. */
  readonly socketPath?: string
}

/** One request over a connection of its own; rejects when the connection breaks before the answer is whole. */
export function ask(url: string, options: AskOptions = {}): Promise<WebAnswer> {
  const isSecure = url.startsWith('https:')
  const agent = isSecure ? new SecureAgent(options) : new Agent()
  return new Promise<WebAnswer>((resolve, reject) => {
    const outgoing = (isSecure ? secureRequest : plainRequest)(url, { ...options, agent }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      response.on('error', reject)
    })
    outgoing.on('error', reject).end()
  }).finally(() => agent.destroy())
}

/** The header of basic authentication. */
export const login = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})
