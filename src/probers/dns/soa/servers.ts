import { isIPv6 } from 'node:net'
import type { HostPort } from '../../../kit/net/target.ts'
import { safeText } from '../../../kit/text.ts'
import { portOf } from '../target.ts'
import type { Transport } from '../transport/server.ts'
import { typeOf } from '../wire/iana.ts'
import type { Message } from '../wire/message.ts'
import { type Name, nameText, sameName } from '../wire/name.ts'
import { ipv4, ipv6 } from '../wire/rdata/address.ts'
import type { ListedServer } from './options.ts'

/** A server of the zone that is to be asked. */
export interface ZoneServer extends HostPort {
  readonly label: string
  /** The addresses that came along with its name, in place of a lookup. */
  readonly glue: readonly string[]
}

// The root has 13; it bounds what a target can make us ask.
const maxDelegated = 20

const ns = typeOf('NS')
const addressTexts = new Map([
  [typeOf('A'), ipv4],
  [typeOf('AAAA'), ipv6],
])

/** The servers of a list. */
export const listedServers = (list: readonly ListedServer[], transport: Transport): readonly ZoneServer[] =>
  list.map(({ text, host, port }) => ({ label: text, host, port: port ?? portOf(transport), glue: [] }))

const glueOf = (name: Name, { additional }: Message): readonly string[] =>
  additional.flatMap(record => {
    const print = addressTexts.get(record.type)
    return print !== undefined && record.values !== undefined && sameName(record.name, name)
      ? [print(record.rdata)]
      : []
  })

/** The servers that the NS records of the zone name: at most twenty, with the addresses that came along. */
export function delegatedServers(message: Message, zone: Name, port: number): readonly ZoneServer[] {
  const names = message.answer.flatMap(({ name, type, values }) =>
    type === ns && values !== undefined && sameName(name, zone) ? [values[0] as Name] : [],
  )
  return names.slice(0, maxDelegated).map(name => {
    const text = nameText(name)
    return { label: safeText(text), host: text.replace(/(?<=.)\.$/, ''), port, glue: glueOf(name, message) }
  })
}

/** How the target itself is called among the servers. */
export function targetLabel({ host, port }: HostPort, transport: Transport): string {
  if (port === portOf(transport)) return host
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}
