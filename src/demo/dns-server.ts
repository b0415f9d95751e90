import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type Answer, decode, encode } from 'dns-packet'

const zone: readonly Answer[] = [
  { type: 'A', name: 'www.demo.test', ttl: 300, data: '192.0.2.10' },
  { type: 'A', name: 'www.demo.test', ttl: 300, data: '192.0.2.11' },
  { type: 'MX', name: 'demo.test', ttl: 3600, data: { preference: 10, exchange: 'mail.demo.test' } },
  {
    type: 'SOA',
    name: 'demo.test',
    ttl: 3600,
    data: {
      mname: 'ns1.demo.test',
      rname: 'hostmaster.demo.test',
      serial: 2026112101,
      refresh: 7200,
      retry: 3600,
      expire: 1_209_600,
      minimum: 300,
    },
  },
]

const authoritative = 1 << 10
const nameError = 3
const largestQueryBytes = 512

/** The answer to a query for the demo zone; undefined for what is no query. */
function answerTo(octets: Buffer): Buffer | undefined {
  if (octets.length > largestQueryBytes) return undefined
  const { id, type, questions } = decode(octets)
  const [question] = questions ?? []
  if (type !== 'query' || question === undefined) return undefined
  const known = zone.filter(({ name }) => name === question.name.toLowerCase())
  return encode({
    type: 'response',
    ...(id !== undefined && { id }),
    flags: authoritative | (known.length === 0 ? nameError : 0),
    questions: [question],
    answers: known.filter(record => record.type === question.type),
  })
}

/** A DNS server for the zone demo.test on a UDP port of loopback. */
export async function startDnsServer() {
  const socket = createSocket('udp4')
  socket.on('message', (octets, { address, port }) => {
    try {
      const answer = answerTo(octets)
      if (answer !== undefined) socket.send(answer, port, address)
    } catch {
      // not a DNS message: a server stays silent
    }
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { target: `127.0.0.1:${socket.address().port}`, close: () => socket.close() }
}
