import {
  binaryTag,
  boolCoreTag,
  CORE_SCHEMA,
  constructFromEvents,
  defineScalarTag,
  dump,
  EVENT_ID,
  type Event,
  floatCoreTag,
  getScalarValue,
  intCoreTag,
  mergeTag,
  NOT_RESOLVED,
  parseEvents,
  type ScalarTagDefinition,
  YAMLException,
} from 'js-yaml'

export type Path = readonly PropertyKey[]

export interface Position {
  readonly line: number
  readonly column: number
}

export interface Fault extends Position {
  readonly path: Path
  readonly message: string
}

export interface Document {
  readonly value: unknown
  /** Where a value stands (its key, or itself in a list); of a path that is not in the text, the nearest ancestor. */
  readonly position: (path: Path) => Position
  readonly faults: readonly Fault[]
}

// Where a text is wanted, `010` and `1.10` must stay what they are, as in Go. So only scalars that JavaScript would print
// the same way become numbers and booleans; `integer()` and `bool()` of kit/options read the other spellings.
const exact = <T>(tag: ScalarTagDefinition<T>) =>
  defineScalarTag<T>(tag.tagName, {
    ...tag,
    resolve(source, isExplicit, tagName) {
      const value = tag.resolve(source, isExplicit, tagName)
      return isExplicit || String(value) === source ? value : NOT_RESOLVED
    },
  })

// What yaml.v3, and so blackbox_exporter, understands: YAML 1.2 core with merge keys and !!binary.
const dialect = CORE_SCHEMA.withTags([mergeTag, binaryTag, exact(intCoreTag), exact(floatCoreTag), exact(boolCoreTag)])

/** A JSON Pointer (RFC 6901), as names in a path may hold dots and slashes. */
export const pointer = (path: Path): string =>
  path.map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

function createLocator(text: string): (offset: number) => Position {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return offset => {
    let [line, end] = [0, starts.length] // the last line that starts at or before the offset
    while (end - line > 1) {
      const middle = (line + end) >> 1
      if ((starts[middle] ?? 0) <= offset) line = middle
      else end = middle
    }
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 }
  }
}

const startOf = (text: string, event: Event): number | undefined => {
  if (event.type === EVENT_ID.SCALAR) return event.valueStart - (/["']/.test(text[event.valueStart - 1] ?? '') ? 1 : 0)
  if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) return event.start
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart
  return undefined
}

/** Walks the events of one document: a map from JSON Pointer to offset, and the keys that cannot stand. */
function indexPaths(text: string, events: readonly Event[]) {
  const offsets = new Map<string, number>()
  const badKeys: Omit<Fault, keyof Position>[] = []
  let next = 0

  function visitMapping(path: Path) {
    const seen = new Set<string>()
    for (let key = events[next++]; key !== undefined && key.type !== EVENT_ID.POP; key = events[next++]) {
      if (key.type !== EVENT_ID.SCALAR) {
        visitRest(key, path)
        visit([...path, '?'])
        continue
      }
      const name = getScalarValue(text, key)
      const member = [...path, name]
      if (seen.has(name)) badKeys.push({ path: member, message: 'this key stands twice' })
      if (name === '__proto__') badKeys.push({ path: member, message: 'this name cannot be used' })
      seen.add(name)
      offsets.set(pointer(member), startOf(text, key) ?? 0)
      visit(member)
    }
  }

  function visitSequence(path: Path) {
    for (let index = 0; events[next] !== undefined && events[next]?.type !== EVENT_ID.POP; index++) {
      const item = [...path, index]
      offsets.set(pointer(item), startOf(text, events[next] as Event) ?? 0)
      visit(item)
    }
    next++
  }

  function visitRest(event: Event, path: Path) {
    if (event.type === EVENT_ID.MAPPING) visitMapping(path)
    else if (event.type === EVENT_ID.SEQUENCE) visitSequence(path)
  }

  function visit(path: Path) {
    const event = events[next++]
    if (event !== undefined) visitRest(event, path)
  }

  visit([])
  return { offsets, badKeys }
}

const maxNodes = 1_000_000

/** Whether aliases make the value endless or larger than any real configuration ("billion laughs"). */
function isTooLarge(value: unknown): boolean {
  const open = [value]
  for (let nodes = 0; open.length > 0; nodes++) {
    if (nodes > maxNodes) return true
    const node = open.pop()
    if (typeof node === 'object' && node !== null && !(node instanceof Uint8Array)) open.push(...Object.values(node))
  }
  return false
}

/** The events of the first document, from its first node on. */
function firstDocument(events: readonly Event[]): Event[] {
  const second = events.findIndex((event, index) => index > 0 && event.type === EVENT_ID.DOCUMENT)
  return second === -1 ? [...events] : events.slice(0, second)
}

/** What js-yaml says, without what it quotes: a secret that lacks its quotes is read as an alias, or as a tag. */
function shownReason(reason: string): string {
  if (reason.startsWith('unidentified alias')) return 'unidentified alias: text that begins with * needs quotes'
  const [, fault] =
    /^(unknown \w+ tag|undeclared tag handle|tag name cannot contain such characters)\b/.exec(reason) ?? []
  return fault === undefined ? reason : `${fault}: text that begins with ! needs quotes`
}

const asFault = (error: unknown, locate: (offset: number) => Position): Fault => {
  if (!(error instanceof YAMLException)) throw error
  return { ...locate(error.mark?.position ?? 0), path: [], message: shownReason(error.reason) }
}

/** Reads the first document of a YAML text. Never throws: what is wrong is in `faults`. */
export function parseYaml(source: string): Document {
  const text = source.replace(/^\ufeff/, '')
  const locate = createLocator(text)
  const broken = (fault: Fault): Document => ({ value: undefined, position: () => locate(0), faults: [fault] })
  try {
    const events = firstDocument(parseEvents(text, {}))
    const { offsets, badKeys } = indexPaths(text, events.slice(1))
    const [value] = constructFromEvents(events, { source: text, schema: dialect, json: true })
    if (isTooLarge(value))
      return broken({ line: 1, column: 1, path: [], message: 'too large once aliases are expanded' })
    const position = (path: Path): Position => {
      const offset = offsets.get(pointer(path))
      return offset !== undefined || path.length === 0 ? locate(offset ?? 0) : position(path.slice(0, -1))
    }
    const faults = badKeys.map(fault => ({ ...position(fault.path), ...fault }))
    return { value, position, faults }
  } catch (error) {
    return broken(asFault(error, locate))
  }
}

/** Writes a value as YAML. */
export const printYaml = (value: unknown): string => dump(value, { noRefs: true, lineWidth: -1 })
