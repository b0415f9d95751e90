import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import zlib, {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  deflateRawSync,
  deflateSync,
  gzipSync,
} from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProbeFailure } from '../../../../src/kit/failure.ts'
import { type BodyRules, readBody } from '../../../../src/kit/net/http/body.ts'
import { hasZstd } from '../../../../src/kit/net/http/zstd.ts'
import { serve } from '../../../support/servers.ts'

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

const responseOf = (body: Readable) => ({
  status: 200,
  version: '2.0',
  headers: new Map(),
  contentLength: undefined,
  hasBody: true,
  body,
})

/** Reads a stream of these pieces: the text, or what is wrong. */
async function readPieces(pieces: readonly Uint8Array[], coding: BodyRules['coding']): Promise<string> {
  const rules: BodyRules = { coding, limitBytes: 100_000, keep: true, counted: () => undefined }
  try {
    const octets = await readBody(responseOf(Readable.from(pieces)), rules, AbortSignal.timeout(10_000))
    return octets.toString()
  } catch (error) {
    if (!(error instanceof ProbeFailure)) throw error
    return `${error.reason}: ${error.message}`
  }
}

const text = 'some text, some text, some text'
const [gzip, br, raw, framed] = [gzipSync, brotliCompressSync, deflateRawSync, deflateSync].map(pack => pack(text)) as [
  Buffer,
  Buffer,
  Buffer,
  Buffer,
]
const rest = Buffer.from('garbage')
const cut = (octets: Buffer, count: number) => octets.subarray(0, octets.length - count)

/** A stored block of raw DEFLATE whose first octets could be a zlib header, if the window were not too large for one. */
const lookAlike = Buffer.from([0x88, 0x1c, 0x00, 0xe3, 0xff, ...Buffer.from(text.slice(0, 28)), 0x01, 0, 0, 0xff, 0xff])

describe('codings, as blackbox_exporter takes them', () => {
  test.each([
    ['gzip', [gzip], text],
    ['gzip of two members', [gzip, gzip], text + text],
    ['gzip and zeros', [Buffer.concat([gzip, Buffer.alloc(20)])], text],
    ['gzip and garbage', [gzip, rest], 'protocol: the body is not gzip: incorrect header check'],
    ['gzip and half a member', [gzip, cut(gzip, 9)], 'protocol: the body is not gzip: unexpected end of file'],
    ['gzip without its last octet', [cut(gzip, 1)], 'protocol: the body is not gzip: unexpected end of file'],
    ['gzip of nothing', [gzipSync('')], ''],
    ['gzip, one octet of it', [gzip.subarray(0, 1)], 'protocol: the body is not gzip: unexpected end of file'],
    ['gzip, nothing of it', [], 'protocol: the body is empty, which is not gzip'],
    ['deflate', [raw], text],
    ['deflate with a zlib frame', [framed], text],
    ['deflate, octet by octet', [...framed].map(octet => Buffer.from([octet])), text],
    ['deflate and garbage', [raw, rest], text],
    ['deflate that breaks off', [cut(raw, 1)], 'protocol: the body is not deflate: unexpected end of file'],
    ['deflate, the frame cut short', [cut(framed, 1)], 'protocol: the body is not deflate: unexpected end of file'],
    ['deflate that is like a frame', [lookAlike], text.slice(0, 28)],
    ['deflate of nothing', [deflateRawSync('')], ''],
    ['deflate, nothing of it', [], 'protocol: the body is empty, which is not deflate'],
    ['br', [br], text],
    ['br and garbage', [Buffer.concat([br, rest])], 'protocol: the body goes on after the end of br'],
    ['br without its last octet', [cut(br, 1)], 'protocol: the body is not br: unexpected end of file'],
    ['br, nothing of it', [], 'protocol: the body is empty, which is not br'],
    ['identity', [rest], 'garbage'],
    ['identity, nothing of it', [], ''],
  ] as const)('%s', async (name, pieces, expected) => {
    expect(await readPieces(pieces, name.split(/\W/)[0] as BodyRules['coding'])).toBe(expected)
  })

  test('what comes after the end of gzip harms nobody', async () => {
    await readPieces([gzip, Buffer.alloc(3), gzip, rest], 'gzip')
    await new Promise(resolve => setImmediate(resolve))
  })

  test.each(['gzip', 'br', 'deflate', 'identity', ...(hasZstd ? (['zstd'] as const) : [])] as const)(
    'octets of any kind are %s or a failure',
    async coding => {
      const octets = fc.uint8Array({ maxLength: 40 }).map(tail => Buffer.concat([gzip.subarray(0, 10), tail]))
      await fc.assert(
        fc.asyncProperty(fc.array(fc.oneof(fc.uint8Array(), octets), { maxLength: 4 }), async pieces => {
          await readPieces(pieces, coding)
        }),
        { numRuns: 200 },
      )
    },
  )
})

describe.runIf(hasZstd)('zstd', () => {
  const { zstdCompressSync, constants: codes } = zlib as unknown as {
    zstdCompressSync(octets: Uint8Array | string, options?: object): Buffer
    constants: Record<string, number>
  }

  test.each([
    ['whole', (zstd: Buffer) => [zstd], text],
    ['octet by octet', (zstd: Buffer) => [...zstd].map(octet => Buffer.from([octet])), text],
    [
      'and garbage',
      (zstd: Buffer) => [Buffer.concat([zstd, rest])],
      'protocol: the body goes on after the end of zstd',
    ],
    [
      'without its last octet',
      (zstd: Buffer) => [cut(zstd, 1)],
      'protocol: the body is not zstd: unexpected end of file',
    ],
    ['something else', () => [gzip], 'protocol: the body is not zstd: Unknown frame descriptor'],
    ['nothing', () => [], 'protocol: the body is empty, which is not zstd'],
  ])('%s', async (_name, pieces, expected) => {
    expect(await readPieces(pieces(zstdCompressSync(text)), 'zstd')).toBe(expected)
  })

  test('a frame that needs more memory than HTTP allows', async () => {
    const params = { [codes.ZSTD_c_windowLog ?? 0]: 26 }
    const frame = zstdCompressSync(Buffer.alloc(2 ** 26), { params })
    expect(await readPieces([frame], 'zstd')).toContain('too much memory')
  })
})

describe('the head', () => {
  async function headOf(
    pieces: readonly Uint8Array[],
    rules: Partial<BodyRules> = {},
    signal = AbortSignal.timeout(10_000),
  ) {
    const told: Uint8Array[] = []
    const all = { coding: 'identity', limitBytes: undefined, keep: false, counted: () => undefined, ...rules } as const
    const body = new PassThrough()
    for (const piece of pieces) body.write(piece)
    if (!signal.aborted) body.end()
    await readBody(responseOf(body), { ...all, head: octets => told.push(octets) }, signal).catch(() => undefined)
    return told.map(octets => Buffer.from(octets).toString())
  }

  test.each([
    ['a short body', ['ab', 'c'], {}, 'abc'],
    ['no octets', [], {}, ''],
    ['a long body', ['a'.repeat(1000), 'b'.repeat(1000)], {}, 'a'.repeat(1000) + 'b'.repeat(24)],
    ['one above the limit', ['abc', 'def'], { limitBytes: 4 }, 'abcdef'],
  ] as const)('of %s', async (_name, pieces, rules, expected) => {
    expect(
      await headOf(
        pieces.map(piece => Buffer.from(piece)),
        rules,
      ),
    ).toEqual([expected])
  })

  test('is decoded, and there up to where a body broke off', async () => {
    expect(await headOf([gzip], { coding: 'gzip' })).toEqual([text])
    expect(await headOf([cut(gzip, 1)], { coding: 'gzip' })).toEqual([text])
    expect(await headOf([Buffer.from('abc')], {}, AbortSignal.abort())).toEqual([''])
  })
})

describe('a stream that is no IncomingMessage', () => {
  const rules: BodyRules = { coding: 'identity', limitBytes: undefined, keep: true, counted: () => undefined }
  const read = (body: Readable, coding: BodyRules['coding'], signal = AbortSignal.timeout(10_000)) =>
    readBody(responseOf(body), { ...rules, coding }, signal)

  test.each(['identity', 'gzip'] as const)('is read to its end, %s', async coding => {
    const body = new PassThrough()
    body.end(coding === 'gzip' ? gzip : text)
    expect((await read(body, coding)).toString()).toBe(text)
  })

  test.each(['identity', 'gzip'] as const)(
    'that breaks off is malformed, with or without an error, %s',
    async coding => {
      for (const error of [undefined, new Error('reset'), new ProbeFailure('protocol', 'the body broke off: CANCEL')]) {
        const body = new PassThrough()
        body.write(gzip.subarray(0, 12))
        setImmediate(() => body.destroy(error))
        await expect(read(body, coding)).rejects.toMatchObject({ name: 'ProbeFailure', reason: 'protocol' })
      }
    },
  )

  test.each([
    ['identity', 'ENOMEM'],
    ['gzip', 'ENOBUFS'],
    ['gzip', 'Z_MEM_ERROR'],
  ] as const)('what this process ran out of is not its fault: %s, %s', async (coding, code) => {
    const body = new PassThrough()
    body.write(gzip.subarray(0, 12))
    const error = Object.assign(new Error('not enough'), { code })
    setImmediate(() => body.destroy(error))
    await expect(read(body, coding)).rejects.toBe(error)
  })

  test('is destroyed when the signal aborts', async () => {
    const body = new PassThrough()
    const controller = new AbortController()
    const reading = read(body, 'gzip', controller.signal)
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
    expect(body.destroyed).toBe(true)
  })
})
