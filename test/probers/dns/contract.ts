import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Contract } from '../../support/contract.ts'

async function bind(answer?: (query: Buffer) => Buffer) {
  const socket = createSocket('udp4')
  if (answer) socket.on('message', (query, { address, port }) => socket.send(answer(query), port, address))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { target: `127.0.0.1:${socket.address().port}`, close: () => socket.close() }
}

/** The query itself as an answer without records: the bits QR and RA set. */
function echoed(query: Buffer): Buffer {
  const answer = Buffer.from(query)
  answer.writeUInt16BE(0x8180, 2)
  return answer
}

export async function contract(): Promise<Contract> {
  const [good, silent] = await Promise.all([bind(echoed), bind()])
  return {
    section: { query_name: 'x.test', query_type: 'A' },
    healthy: good.target,
    hanging: silent.target,
    failing: '127.0.0.1:1',
    async [Symbol.asyncDispose]() {
      good.close()
      silent.close()
    },
  }
}
