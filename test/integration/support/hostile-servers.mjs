// DNS servers in a process of their own; it prints their ports as one line of JSON. The argument says which: `hostile`,
// each with one kind of malice, `flood`, or `healthy`.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'

const floodSize = 10_000
const burstSize = 100
const responseBit = 0x8000
const refused = 5

const messages = JSON.parse(readFileSync(new URL('../../fixtures/dns/hostile.json', import.meta.url), 'utf8'))
const amplifiers = messages
  .filter(({ label }) => label.startsWith('amplifier'))
  .map(({ hex }) => Buffer.from(hex, 'hex'))
let next = 0

/** The next amplifier, under the query's ID. */
function amplifier(query) {
  const octets = Buffer.from(amplifiers[next++ % amplifiers.length])
  query.copy(octets, 0, 0, 2)
  return octets
}

/** As a refusal it needs no question, so that all of it is looked at. */
function refusal(query) {
  const octets = amplifier(query)
  octets[3] |= refused
  return octets
}

/** The query as an answer without records. */
function answer(query) {
  const octets = Buffer.from(query)
  octets.writeUInt16BE(octets.readUInt16BE(2) | responseBit, 2)
  return octets
}

function otherId(query) {
  const octets = answer(query)
  octets[1] ^= 1
  return octets
}

function otherQuestion(query) {
  const octets = answer(query)
  octets[13] ^= 1
  return octets
}

let asker
let left = 0

function sendBurst() {
  for (let count = 0; count < burstSize && left > 0; count++, left--) {
    asker.send(left % 2 ? otherId(asker.query) : otherQuestion(asker.query))
  }
  if (left > 0) setTimeout(sendBurst, 1)
}

/** Thousands of answers that do not match; a new query takes over what is left of the flood. */
function flood(query, send) {
  const isOn = left > 0
  asker = { query, send }
  left = floodSize
  if (!isOn) sendBurst()
}

const framed = octets => Buffer.concat([Buffer.from([octets.length >> 8, octets.length & 255]), octets])

function drip(query, socket) {
  const octets = framed(answer(query))
  let sent = 0
  const timer = setInterval(() => socket.write(octets.subarray(sent, ++sent)), 1000)
  socket.on('close', () => clearInterval(timer))
}

const hostile = {
  udp: {
    amplifier: (query, send) => send(amplifier(query)),
    refusal: (query, send) => send(refusal(query)),
    otherId: (query, send) => send(otherId(query)),
    otherQuestion: (query, send) => send(otherQuestion(query)),
  },
  tcp: {
    tcpAmplifier: (query, socket) => socket.write(framed(amplifier(query))),
    tcpRefusal: (query, socket) => socket.write(framed(refusal(query))),
    tcpOtherId: (query, socket) => socket.write(framed(otherId(query))),
    halfFrame: (query, socket) => socket.write(framed(answer(query)).subarray(0, 10)),
    halfFrameAndEnd: (query, socket) => socket.end(framed(answer(query)).subarray(0, 10)),
    drip,
  },
}

const kinds = {
  hostile,
  flood: { udp: { flood }, tcp: {} },
  healthy: { udp: { healthy: (query, send) => send(answer(query)) }, tcp: {} },
}

async function bind(handler) {
  const socket = createSocket('udp4')
  socket.on('message', (query, { address, port }) =>
    handler(query, octets => socket.send(octets, port, address, () => {})),
  )
  socket.on('error', () => {}) // whoever asked has gone
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket.address().port
}

async function listen(handler) {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', chunk => handler(chunk.subarray(2), socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}

const { udp, tcp } = kinds[process.argv[2]]
const ports = {}
for (const [name, handler] of Object.entries(udp)) ports[name] = await bind(handler)
for (const [name, handler] of Object.entries(tcp)) ports[name] = await listen(handler)
process.stdout.write(`${JSON.stringify(ports)}\n`)
