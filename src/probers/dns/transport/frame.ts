const prefixBytes = 2

/**
 * Puts a message over TCP together (RFC 1035, 4.2.2: its length in two octets before it) from chunks of any size. The
 * function it returns gives the message once it is whole; octets after it are dropped.
 */
export function createFrame() {
  const prefix = Buffer.alloc(prefixBytes)
  let message: Buffer | undefined
  let received = 0

  return {
    /** Octets so far, the prefix included. */
    get receivedBytes() {
      return received
    },
    push(chunk: Buffer): Buffer | undefined {
      const head = chunk.subarray(0, Math.max(0, prefixBytes - received))
      head.copy(prefix, received)
      received += head.length
      if (received < prefixBytes) return undefined
      message ??= Buffer.alloc(prefix.readUInt16BE())
      received += chunk.copy(message, received - prefixBytes, head.length)
      return received === prefixBytes + message.length ? message : undefined
    },
  }
}

/** A message with its length before it. */
export function framed(octets: Buffer): Buffer {
  const prefix = Buffer.alloc(prefixBytes)
  prefix.writeUInt16BE(octets.length)
  return Buffer.concat([prefix, octets])
}
