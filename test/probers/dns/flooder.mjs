// A DNS server of its own process that answers each query with 10,000 datagrams that do not match: argument 1 says what
// is wrong with them. It prints its port.
import { createSocket } from 'node:dgram'

const [, , fault] = process.argv
const socket = createSocket('udp4')

function wrong(query) {
  const octets = Buffer.from(query)
  octets.writeUInt16BE(0x8180, 2)
  if (fault === 'id') octets.writeUInt16BE(octets.readUInt16BE() ^ 1)
  else octets[13] ^= 1
  return octets
}

socket.on('message', (query, { address, port }) => {
  const octets = wrong(query)
  let left = 10_000
  const burst = () => {
    for (let count = 0; count < 100 && left > 0; count++, left--) socket.send(octets, port, address, () => {})
    if (left > 0) setTimeout(burst, 1)
  }
  burst()
})
socket.on('error', () => {})
process.stdin.on('end', () => process.exit())
process.stdin.resume()
socket.bind(0, '127.0.0.1', () => process.stdout.write(`${socket.address().port}\n`))
