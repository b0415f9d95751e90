import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Malformed } from '../../../src/probers/dns/wire/malformed.ts'
import { createNameReader, nameText, sameName } from '../../../src/probers/dns/wire/name.ts'
import { parseName } from '../../../src/probers/dns/wire/parse-name.ts'

const label63 = 'x'.repeat(63)

describe('parseName', () => {
  test.each([
    ['www.example.org', '03777777076578616d706c65036f726700', 'www.example.org.'],
    ['www.example.org.', '03777777076578616d706c65036f726700', 'www.example.org.'],
    ['.', '00', '.'],
    ['a\\.b.example', '03612e62076578616d706c6500', 'a\\.b.example.'],
    ['a\\046b.example', '03612e62076578616d706c6500', 'a\\.b.example.'],
    ['bin\\000\\255', '0562696e00ff00', 'bin\\000\\255.'],
    ['sp\\ ace', '0673702061636500', 'sp\\ ace.'],
    ['sp ace', '0673702061636500', 'sp\\ ace.'],
    ['back\\\\.x', '056261636b5c017800', 'back\\\\.x.'],
    ['_sip._tcp', '045f736970045f74637000', '_sip._tcp.'],
    ['UPPER', '05555050455200', 'UPPER.'],
    ['1.2.3', '01310132013300', '1.2.3.'],
    ['müller.de', '0d786e2d2d6d6c6c65722d6b766102646500', 'xn--mller-kva.de.'],
    ['%41', '0325343100', '%41.'],
  ])('%s', (text, hex, printed) => {
    const name = parseName(text)
    expect(name.toString('hex')).toBe(hex)
    expect(nameText(name)).toBe(printed)
  })

  test.each([
    ['', 'it is empty'],
    ['..', 'a label is empty'],
    ['.org', 'a label is empty'],
    ['a..b', 'a label is empty'],
    [`${label63}x.org`, 'longer than 63'],
    [Array(4).fill(label63).join('.'), 'longer than 255'],
    ['a\\256', 'no escape'],
    ['a\\12', 'no escape'],
    ['a\\', 'no escape'],
    ['a\tb', 'control character'],
    ['１２.org', 'no form in ASCII'],
    ['é。b', 'no form in ASCII'],
    ['ü%41', 'no form in ASCII'],
    ['ü\\.x', 'no form in ASCII'],
    ...[...'/?#@:[]'].map((character): [string, string] => [`ü${character}x`, 'no form in ASCII']),
    ['ü／x', 'no form in ASCII'],
    ['\u00ad.org', 'no form in ASCII'],
  ])('refuses %j', (text, why) => {
    expect(() => parseName(text)).toThrow(why)
  })

  test('takes the longest name there can be', () => {
    const text = [label63, label63, label63, 'x'.repeat(61)].join('.')
    expect(parseName(text)).toHaveLength(255)
    expect(() => parseName(`${text}x`)).toThrow('longer than 255')
  })

  test('reads back what nameText printed', () => {
    const labels = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 10 })
    fc.assert(
      fc.property(labels, parts => {
        const name = Buffer.concat([...parts.flatMap(part => [Buffer.from([part.length]), part]), Buffer.from([0])])
        expect(parseName(nameText(name)).equals(name)).toBe(true)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the point of the test
        expect(nameText(name)).not.toMatch(/[\u0000-\u001f\u007f-\uffff]/)
      }),
    )
  })
})

test('sameName ignores the case of ASCII letters and nothing else', () => {
  expect(sameName(parseName('WWW.Example'), parseName('www.eXAMPLE'))).toBe(true)
  expect(sameName(parseName('a@b'), parseName('a`b'))).toBe(false)
  expect(sameName(parseName('a'), parseName('a.b'))).toBe(false)
  expect(sameName(parseName('\\201'), parseName('\\233'))).toBe(false)
})

describe('compressed names', () => {
  const header = Buffer.alloc(12)
  const at = (hex: string, start: number) => {
    const octets = Buffer.concat([header, Buffer.from(hex, 'hex')])
    return createNameReader(octets)(start, octets.length)
  }

  test('follow a chain of pointers backwards', () => {
    const { name, next } = at('016300 0162c00c 0161c00f ffff'.replaceAll(' ', ''), 19)
    expect(nameText(name)).toBe('a.b.c.')
    expect(next).toBe(23)
  })

  test.each([
    ['to itself', 'c00c', 12, 'bad_pointer'],
    ['forward', 'c00e00', 12, 'bad_pointer'],
    ['into the header', '0161c000', 12, 'bad_pointer'],
    ['into the labels before it', '0161c00c', 12, 'bad_pointer'],
    ['past the end of the pointer', '0161c0', 12, 'bad_label'],
    ['to labels that run into the pointer again', '0161c00c', 14, 'bad_pointer'],
    ['label type 01', '41', 12, 'bad_label'],
    ['label type 10', '81', 12, 'bad_label'],
    ['no end', '0161', 12, 'bad_label'],
    ['label past the end', '05616161', 12, 'bad_label'],
  ])('%s', (_case, hex, start, reason) => {
    expect(() => at(hex, start)).toThrow(new Malformed(reason as Malformed['reason']))
  })

  describe('lead through at most 127 pointers', () => {
    /** The root, and pointers each to the one before; number n leads through n of them. */
    const chain = Buffer.alloc(12 + 1 + 2 * 128)
    const place = (number: number) => (number === 0 ? 12 : 11 + 2 * number)
    for (let number = 1; number <= 128; number++) chain.writeUInt16BE(0xc000 | place(number - 1), place(number))

    test.each([
      ['the last one first', [127, 1], [128]],
      ['one after another', Array.from({ length: 128 }, (_, number) => number), [128]],
      ['over one that is known', [64, 127], [128]],
      ['another one known', [126], [128]],
    ])('%s', (_order, fine, refused) => {
      const read = createNameReader(chain)
      for (const number of fine) expect(nameText(read(place(number), chain.length).name)).toBe('.')
      for (const number of refused) expect(() => read(place(number), chain.length)).toThrow('bad_pointer')
    })

    test('however far the chain goes on', () => {
      const long = Buffer.alloc(12 + 1 + 2 * 8000)
      for (let number = 1; number <= 8000; number++) long.writeUInt16BE(0xc000 | place(number - 1), place(number))
      expect(() => createNameReader(long)(place(8000), long.length)).toThrow(new Malformed('bad_pointer'))
    })
  })

  test('are at most 255 octets long, also by pointers', () => {
    const half = (start: number) => `3f${'61'.repeat(63)}3f${'61'.repeat(63)}${start === 0 ? '00' : 'c00c'}`
    expect(() => at(half(0) + half(12), 12 + 129)).toThrow('name_too_long')
    expect(() => at(`${'0161'.repeat(128)}00`, 12)).toThrow('name_too_long')
    expect(at(`${'0161'.repeat(127)}00`, 12).name).toHaveLength(255)
  })
})
