import { dirname, join, resolve } from 'node:path'
import type { Pool } from '../pools/pool.ts'
import { isPool, parseDnsmasqRange } from './dnsmasq-range.ts'
import { atPlace, type Place, type Reading, readFile, readFolder, type ServerPools, type Stack } from './reading.ts'

const linesBetweenPauses = 500

interface Reader {
  readonly pools: Pool[]
  readonly warnings: string[]
  /** dnsmasq reads a file once, however often it is named. */
  readonly seen: Set<string>
}

const options = ['dhcp-range', 'conf-file', 'conf-dir'] as const

/** A line up to its comment, which begins after white space only, and never between quotation marks. */
function withoutComment(line: string): string {
  let isQuoted = false
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"') isQuoted = !isQuoted
    else if (line[at] === '#' && !isQuoted && (at === 0 || /\s/.test(line[at - 1] ?? ''))) return line.slice(0, at)
  }
  return line
}

/** The option that a line sets and its value; undefined for all that matters to no pool. */
function optionOf(line: string): readonly [name: (typeof options)[number], value: string] | undefined {
  const text = line.trimStart()
  const name = options.find(option => text.startsWith(option))
  const rest = text.slice(name?.length).trimStart()
  if (name === undefined || !rest.startsWith('=')) return undefined
  return [name, withoutComment(rest.slice(1)).replaceAll('"', '').trim()]
}

/** Whether dnsmasq reads a file of a folder, given the endings of `conf-dir`: those with a `*` are wanted, others not. */
function isWanted(name: string, endings: readonly string[]): boolean {
  if (name.startsWith('.') || name.endsWith('~') || (name.startsWith('#') && name.endsWith('#'))) return false
  const wanted = endings.filter(ending => ending.startsWith('*')).map(ending => ending.slice(1))
  const unwanted = endings.filter(ending => !ending.startsWith('*'))
  if (unwanted.some(ending => name.endsWith(ending))) return false
  return wanted.length === 0 || wanted.some(ending => name.endsWith(ending))
}

function* readConfDir(value: string, reader: Reader, stack: Stack, place: Place): Reading<void> {
  const [folder = '', ...endings] = value.split(',').map(word => word.trim())
  const path = resolve(dirname(place.file), folder)
  for (const name of yield* readFolder(path, place)) {
    if (isWanted(name, endings)) yield* readOne(join(path, name), reader, stack, place)
  }
}

function addRange(value: string, { pools, warnings }: Reader, place: Place): void {
  const range = atPlace(place, () => parseDnsmasqRange(value))
  if (isPool(range)) pools.push(range)
  else if (range !== undefined) warnings.push(`${place.file}:${place.line}: ${range.warning}`)
}

function* readLines(text: string, path: string, reader: Reader, stack: Stack): Reading<void> {
  let line = 0
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    const place = { file: path, line: ++line }
    const [name, value = ''] = optionOf(text.slice(start, end)) ?? []
    if (name === 'dhcp-range') addRange(value, reader, place)
    else if (name === 'conf-file') yield* readOne(resolve(dirname(path), value), reader, stack, place)
    else if (name === 'conf-dir') yield* readConfDir(value, reader, stack, place)
    if (line % linesBetweenPauses === 0) yield 'pause'
    start = end + 1
  }
}

function* readOne(path: string, reader: Reader, stack: Stack, place: Place): Reading<void> {
  if (reader.seen.has(path)) return
  reader.seen.add(path)
  const text = yield* readFile(path, stack, place)
  yield* readLines(text, path, reader, [...stack, path])
}

/** Reads the ranges of a dnsmasq.conf and of the files and folders that it names. */
export function* readDnsmasq(path: string): Reading<ServerPools> {
  const reader: Reader = { pools: [], warnings: [], seen: new Set() }
  yield* readOne(path, reader, [], { file: path, line: 1 })
  return reader
}
