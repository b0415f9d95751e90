import { BadRequest, ProbeFailure } from '../../../kit/failure.ts'
import { fitsHeader } from '../../../kit/net/http/header-options.ts'
import { escapeMarkup } from '../../../kit/text.ts'
import { fill, type Slot, slotsOf, type Template, type Values } from './template.ts'

/** Whose fault a value is that does not fit: the caller's, unless it was extracted from an answer. */
function unfit(slots: readonly Slot[], message: string): Error {
  return slots.some(({ kind }) => kind === 'extracted')
    ? new ProbeFailure('protocol', message)
    : new BadRequest(message)
}

const escapeSegment = (value: string) => encodeURIComponent(value.toWellFormed())

/** How often a path goes up, or stays where it is; also by what servers undo before they look for steps. */
const stepsIn = (path: string) =>
  path.split(/\/|%2f|%5c/i).filter(segment => segment === '.' || segment === '..').length

/**
 * Fills the template of a path. A value stays within its segment. Throws `BadRequest`, or `ProbeFailure('protocol')` for
 * what was extracted, when it made a step `.` or `..`.
 */
export function fillPath(template: Template, values: Values): string {
  const path = fill(template, values, escapeSegment)
  if (stepsIn(path) > stepsIn(fill(template, () => 'x'))) {
    throw unfit(slotsOf(template), `a value makes a step of the path ${template.source}`)
  }
  return path
}

/** Fills the template of a header. Throws likewise when the value cannot stand in one. */
export function fillHeader(name: string, template: Template, values: Values): string {
  const value = fill(template, values)
  if (fitsHeader(value)) return value
  throw unfit(slotsOf(template), `a value does not fit into the header ${name}: it holds control characters`)
}

const inJson = (value: string) => JSON.stringify(value.toWellFormed()).slice(1, -1)
const inXml = (value: string) => escapeMarkup(value.toWellFormed())
const inForm = (value: string) => new URLSearchParams({ '': value }).toString().slice(1)

/** How values go into a body that is written as text: by its Content-Type, else by the text that it begins with. */
export function escapeFor(contentType: string, { parts: [begin] }: Template): (value: string) => string {
  if (/\bjson\b/i.test(contentType)) return inJson
  if (/\bxml\b/i.test(contentType)) return inXml
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) return inForm
  if (contentType !== '') return value => value
  const [first = ''] = typeof begin === 'string' ? begin.trimStart() : ''
  return first === '{' || first === '[' ? inJson : first === '<' ? inXml : value => value
}
