import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { constants, createBrotliCompress } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type BodyRules, readBody } from '../../../../src/kit/net/http/body.ts'
import { serve } from '../../../probers/http/support.ts'

/** Reads what a server answers with these octets. */
async function read(octets: Buffer, rules: Partial<BodyRules>, signal: AbortSignal) {
  await using server = await serve((_request, response) => response.end(octets))
  const [body] = (await once(get(`http://${server.host}`), 'response')) as [IncomingMessage]
  const response = { status: 200, version: '1.1', headers: new Map(), contentLength: undefined, hasBody: true, body }
  const ignore = () => undefined
  return await readBody(
    response,
    { coding: 'br', limitBytes: undefined, keep: false, counted: ignore, ...rules },
    signal,
  )
}

/** `count` times 16 MB of zeros: after the first piece all are alike, so they are compressed once. */
async function brotliBomb(count: number): Promise<Buffer> {
  const encoder = createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 2 } })
  const pieces: Buffer[] = []
  for (let piece = 0; piece < 3; piece++) {
    encoder.write(Buffer.alloc(2 ** 24))
    await new Promise<void>(resolve => encoder.flush(resolve))
    pieces.push(encoder.read() as Buffer)
  }
  const [first, second] = pieces as [Buffer, Buffer]
  encoder.end()
  const last = Buffer.concat(await encoder.toArray())
  return Buffer.concat([first, ...Array<Buffer>(count - 1).fill(second), last])
}

describe('a bomb', () => {
  test('is what the tests take it for', async () => {
    let total = 0
    const counted = (bytes: number) => {
      total = bytes
    }
    await read(await brotliBomb(4), { counted }, AbortSignal.timeout(10_000))
    expect(total).toBe(4 * 2 ** 24)
  })

  test('whose octets are all here is dropped when the signal aborts', async () => {
    const bomb = await brotliBomb(1000)
    expect(bomb.length).toBeLessThan(64_000)
    const started = performance.now()
    const reading = read(bomb, {}, AbortSignal.timeout(200))
    await expect(reading).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

test('what nobody looks at is not kept', async () => {
  const octets = await read(Buffer.from('fine'), { coding: 'identity' }, AbortSignal.timeout(10_000))
  expect(octets).toHaveLength(0)
  const kept = await read(Buffer.from('fine'), { coding: 'identity', keep: true }, AbortSignal.timeout(10_000))
  expect(kept.toString()).toBe('fine')
})
