import { compareSync } from 'bcryptjs'
import { describe, expect, test } from 'vitest'
import { parseWebConfig } from '../../src/config/web-config.ts'
import { runHere } from './support.ts'

const hash = (input: string, ...args: readonly string[]) => runHere(['hash-password', ...args], { input })

describe('sonde hash-password', () => {
  test.each([
    ['secret\n', 'secret'],
    ['secret', 'secret'],
    ['a:b ü\r\n', 'a:b ü'],
    [' x ', ' x '],
    ['x'.repeat(72), 'x'.repeat(72)],
  ])('%j', async (input, password) => {
    const { status, stdout, stderr } = await hash(input, '--cost=4')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^\$2b\$04\$.{53}\n$/)
    expect(compareSync(password, stdout.trim())).toBe(true)
    expect(parseWebConfig(`basic_auth_users: {alice: ${stdout.trim()}}`, 'web.yml').users.size).toBe(1)
  })

  test('costs 10 unless told otherwise', async () => {
    expect((await hash('secret')).stdout).toMatch(/^\$2b\$10\$/)
  })

  test.each([
    ['', [], 'expected a password on standard input'],
    ['\n', [], 'expected a password on standard input'],
    ['a\nb\n', [], 'expected a password of one line'],
    [`${'x'.repeat(71)}ü`, [], 'bcrypt takes 72 octets of a password, and this has 73'],
    ['x', ['--cost=3'], 'whole number from 4'],
    ['x', ['--cost=21'], 'expected a --cost from 4 to 20'],
    ['x', ['secret'], 'too many arguments'],
  ])('%j %j is bad usage: %s', async (input, args, message) => {
    const { status, stdout, stderr } = await hash(input, ...args)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })
})
