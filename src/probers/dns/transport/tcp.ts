import { connectTcp } from '../../../kit/net/connect.ts'
import type { Query } from '../query.ts'
import type { Server, Watch } from './server.ts'
import { askStream } from './stream.ts'

/** Asks over TCP and returns the first message that comes back. Throws what `connectTcp` and `askStream` throw. */
export async function askTcp(server: Server, query: Query, watch: Watch, signal: AbortSignal): Promise<Buffer> {
  watch.phase('connect')
  const socket = await connectTcp(server, signal)
  try {
    watch.phase('request')
    return await askStream(socket, query.octets, signal)
  } finally {
    socket.destroy()
  }
}
