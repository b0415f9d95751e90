import { a, answerTo } from '../../probers/dns/build.ts'
import { type Handlers, reply, startDns } from '../../probers/dns/dns-server.ts'
import type { Scope } from './scope.ts'

/** The answer that a server of good will gives. */
export const right = (query: Buffer): Buffer => answerTo(query, { flags: 0x0400, answer: [a('192.0.2.1')] })
const withOtherId = (query: Buffer): Buffer => answerTo(query, { id: query.readUInt16BE() ^ 1 })
const opt = { owner: '.', type: 41, class: 1232, rdata: '' }

/** What each of them answers. */
const odd = {
  silent: { udp: () => {}, tcp: () => {} },
  hangsup: { tcp: (_, socket) => void socket.end() },
  half: { tcp: (_, socket) => void socket.write(Buffer.from([0, 40, 1, 2, 3])) },
  strays: {
    udp: (query, send) => {
      for (let count = 0; count < 3; count++) send(withOtherId(query))
      send(right(query))
    },
    tcp: (query, socket) => reply(socket, withOtherId(query)),
  },
  otherquestion: { udp: (query, send) => send(answerTo(query, { question: Buffer.from('01780000010001', 'hex') })) },
  echo: { udp: (query, send) => send(query) },
  cut: { udp: (query, send) => send(right(query).subarray(0, -2)) },
  twoopt: { udp: (query, send) => send(answerTo(query, { additional: [opt, opt] })) },
} as const satisfies Readonly<Record<string, Handlers>>

/** Starts servers that do what real ones do not; returns their ports. */
export async function startOddServers(scope: Scope): Promise<Readonly<Record<keyof typeof odd, number>>> {
  const started = Object.entries(odd).map(
    async ([name, handlers]) => [name, scope.add(await startDns(handlers)).port] as const,
  )
  return Object.fromEntries(await Promise.all(started)) as Readonly<Record<keyof typeof odd, number>>
}
