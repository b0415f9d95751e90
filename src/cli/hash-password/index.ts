import { hashPassword, maxPasswordBytes } from '../../kit/passwords.ts'
import { type Command, defineCommand, exitCodes, type Io, UsageError } from '../command.ts'
import { flag, flagsNote, wholeNumber } from '../flags.ts'
import { readHidden } from './prompt.ts'

interface HashFlags {
  readonly cost: number
}

const [lowestCost, highestCost] = [4, 20]

async function askTwice({ err }: Io): Promise<string> {
  const ask = async (prompt: string) => {
    err(prompt)
    const password = await readHidden(process.stdin)
    err('\n')
    return password
  }
  const password = await ask('Password: ')
  if ((await ask('Again: ')) !== password) throw new UsageError('these are two different passwords')
  return password
}

const readPassword = async (io: Io) =>
  process.stdin.isTTY ? askTwice(io) : (await io.readInput()).replace(/\r?\n$/, '')

function check(password: string): void {
  if (password === '') throw new UsageError('expected a password on standard input')
  if (/[\r\n\0]/.test(password)) throw new UsageError('expected a password of one line')
  const bytes = Buffer.byteLength(password)
  if (bytes > maxPasswordBytes) {
    throw new UsageError(`bcrypt takes ${maxPasswordBytes} octets of a password, and this has ${bytes}`)
  }
}

/** `sonde hash-password`. */
export const hashPasswordCommand = (): Command =>
  defineCommand<HashFlags>({
    name: 'hash-password',
    summary: 'print the bcrypt hash of a password, for basic_auth_users in --web.config.file',
    options: [
      flag('--cost <n>', 'each step doubles the time that a login takes')
        .argParser(wholeNumber(lowestCost))
        .default(10),
    ],
    notes: `The password is asked for, or read from standard input.\n\n${flagsNote}`,
    async run({ cost }, _args, io) {
      if (cost > highestCost) throw new UsageError(`expected a --cost from ${lowestCost} to ${highestCost}`)
      const password = await readPassword(io)
      check(password)
      io.out(`${await hashPassword(password, cost)}\n`)
      return exitCodes.success
    },
  })
