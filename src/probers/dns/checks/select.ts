import { typeName, typeOf } from '../wire/iana.ts'
import type { Message } from '../wire/message.ts'
import { type Name, nameText } from '../wire/name.ts'
import type { ResourceRecord } from '../wire/record.ts'

export interface Wanted {
  readonly section: 'answer' | 'authority' | 'additional'
  /** The owner, in the answer section. */
  readonly name: Name
  readonly type: number
  readonly class: number
  /** Whether the owner may be what the name is an alias of. */
  readonly followsAliases: boolean
}

export interface Selection {
  readonly records: readonly ResourceRecord[]
  /** What they are, for messages. */
  readonly what: string
}

const cname = typeOf('CNAME')
const any = typeOf('ANY')

const keyOf = (name: Name) => nameText(name).toLowerCase()

type Breathe = () => Promise<void> | undefined

/** Where a chain of aliases (RFC 1034, 3.6.2) ends that starts at `start`; a loop ends where it comes round. */
function endOfChain(start: string, aliases: ReadonlyMap<string, string>, isEnd: (key: string) => boolean) {
  const seen = new Set<string>()
  let key = start
  for (let next = aliases.get(key); next !== undefined && !isEnd(key); next = aliases.get(key)) {
    if (seen.has(key)) return { key, isLoop: true }
    seen.add(key)
    key = next
  }
  return { key, isLoop: false }
}

/** The records of a type in a section; in the answer section, those that answer the question. */
export async function selectRecords(message: Message, wanted: Wanted, breathe: Breathe): Promise<Selection> {
  const { section, type, followsAliases } = wanted
  const isWanted = (record: ResourceRecord) =>
    (type === any || record.type === type) && (wanted.class === any || record.class === wanted.class)
  const kind = type === any ? 'records' : `${typeName(type)} records`
  if (section !== 'answer') {
    return { records: message[section].filter(isWanted), what: `${kind} of the ${section} section` }
  }
  const owners = new Map<string, ResourceRecord[]>()
  const aliases = new Map<string, string>()
  for (const record of message.answer) {
    await breathe()
    const key = keyOf(record.name)
    const [target] = record.values ?? []
    if (record.type === cname && target !== undefined) aliases.set(key, keyOf(target as Name))
    if (!isWanted(record)) continue
    const found = owners.get(key)
    if (found === undefined) owners.set(key, [record])
    else found.push(record)
  }
  const start = keyOf(wanted.name)
  const { key, isLoop } = followsAliases
    ? endOfChain(start, aliases, at => owners.has(at))
    : { key: start, isLoop: false }
  const what = isLoop ? `${kind}, as the aliases of ${start} form a loop` : `${kind} of ${key}`
  return { records: owners.get(key) ?? [], what }
}
