import { Agent, request } from 'node:http'

export interface Reply {
  readonly status: number
  readonly text: string
}

/** One GET through an agent; rejects when the connection breaks before the answer is whole. */
export function get(url: string, agent: Agent): Promise<Reply> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
      .on('error', reject)
      .end()
  })
}

/** Keeps `clients` requests under way, each over a connection that it keeps, until told to stop. */
export function startLoad(urlOf: (index: number) => string, clients: number) {
  const agent = new Agent({ keepAlive: true })
  const replies: Reply[] = []
  const broken: Error[] = []
  let isOn = true
  const client = async (index: number) => {
    while (isOn) {
      try {
        replies.push(await get(urlOf(index), agent))
      } catch (error) {
        broken.push(error as Error)
        return
      }
    }
  }
  const clientsDone = Promise.all(Array.from({ length: clients }, (_, index) => client(index)))
  return {
    replies: replies as readonly Reply[],
    broken: broken as readonly Error[],
    async stop() {
      isOn = false
      await clientsDone
      agent.destroy()
    },
  }
}
