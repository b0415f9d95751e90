import { createHmac, randomBytes } from 'node:crypto'
import { isPassword } from '../../kit/passwords.ts'

/** Whether a request's `Authorization` names a user with the right password. Throws `Overloaded`. */
export type Login = (authorization: string | undefined) => boolean | Promise<boolean>

const cached = 100
/** What no password hashes to, to keep an unknown user waiting as long as a known one. */
const nobodysHash = 'QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi'

/** The user and password of an `Authorization` header (RFC 7617); undefined when it is for another scheme or broken. */
export function credentialsOf(authorization: string | undefined) {
  const [, encoded] = /^basic +([a-z0-9+/]+={0,2})$/i.exec(authorization ?? '') ?? []
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** Remembers the last results by key; the oldest goes first. */
function createMemory<T>() {
  const results = new Map<string, T>()
  return {
    get(key: string): T | undefined {
      const result = results.get(key)
      if (result !== undefined) {
        results.delete(key)
        results.set(key, result)
      }
      return result
    },
    set(key: string, result: T): void {
      results.set(key, result)
      const [oldest] = results.keys()
      if (results.size > cached && oldest !== undefined) results.delete(oldest)
    },
    forget: (key: string) => results.delete(key),
  }
}

/**
 * Checks logins against bcrypt hashes by user name. Good ones and bad ones are remembered apart, so that a flood of
 * guesses drives nobody out who has logged in; what is remembered tells no password.
 */
export function createLogin(): (
  users: ReadonlyMap<string, string>,
  authorization: string | undefined,
) => ReturnType<Login> {
  const secret = randomBytes(32)
  const good = createMemory<true>()
  const bad = createMemory<false | Promise<boolean>>()

  async function compare(key: string, password: string, hash: string, isUser: boolean): Promise<boolean> {
    try {
      const isRight = (await isPassword(password, hash)) && isUser
      if (isRight) good.set(key, true)
      if (isRight) bad.forget(key)
      else bad.set(key, false)
      return isRight
    } catch (error) {
      bad.forget(key)
      throw error
    }
  }

  return (users, authorization) => {
    const credentials = credentialsOf(authorization)
    if (credentials === undefined) return false
    const { user, password } = credentials
    const known = users.get(user)
    const [someHash = ''] = users.values()
    const hash = known ?? `${someHash.slice(0, 7)}${nobodysHash}` // the same version and cost
    const key = createHmac('sha256', secret)
      .update(JSON.stringify([user, hash, password]))
      .digest('base64')
    const result = good.get(key) ?? bad.get(key)
    if (result !== undefined) return result
    const comparison = compare(key, password, hash, known !== undefined)
    bad.set(key, comparison) // of many at once, one is computed
    return comparison
  }
}
