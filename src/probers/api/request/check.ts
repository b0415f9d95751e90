import { isHostPort } from '../../../kit/net/ascii-host.ts'
import type { z } from '../../../kit/options.ts'
import type { Section } from '../options/section.ts'
import type { RequestOptions } from '../options/transport.ts'
import { type Given, isTemplate } from './given.ts'
import { type PlannedRequest, planOf, slotsOfRequest } from './plan.ts'
import { type Slot, slotsOf } from './template.ts'

/** What `/probe` itself understands, so that no module can. */
const reservedParams = new Set(['target', 'module', 'hostname', 'debug', 'fail', 'format', 'auth'])

/** More than any real module has; each may be under way at once with others. */
const maxRequests = 64

type Refuse = (path: readonly (string | number)[], message: string) => void

function checkParams({ params }: Section, refuse: Refuse): void {
  for (const [name, { pattern, default: fallback, required }] of Object.entries(params)) {
    if (reservedParams.has(name)) refuse(['params', name], `/probe has a parameter ${name} of its own`)
    else if (!/^[a-zA-Z_][\w-]*$/.test(name)) refuse(['params', name], 'expected a name of letters, digits, _ and -')
    if (required && fallback !== undefined) refuse(['params', name, 'default'], 'excludes required')
    if (fallback !== undefined && !pattern.testWhole(fallback)) {
      refuse(['params', name, 'default'], `does not match ${pattern.source}`)
    }
  }
}

/** Why a slot of a request cannot be filled. */
function slotFault(slot: Slot, { id }: PlannedRequest, { params, requests = {} }: Section): string | undefined {
  if (slot.kind === 'host') return undefined
  if (slot.kind === 'param') {
    return Object.hasOwn(params, slot.name) ? undefined : `{{param.${slot.name}}}: there is no such entry under params`
  }
  const shown = `{{${slot.request}.${slot.name}}}`
  const source = Object.hasOwn(requests, slot.request) ? requests[slot.request] : undefined
  if (slot.request === id) return `${shown}: a request cannot use what is extracted from its own answer`
  if (source === undefined) return `${shown}: there is no request ${slot.request}`
  return Object.hasOwn(source.extract, slot.name)
    ? undefined
    : `${shown}: ${slot.request} does not extract ${slot.name}`
}

/** The requests of a circle in which each needs the next; empty when there is none. */
function findCircle(planned: readonly PlannedRequest[]): readonly string[] {
  const needsOf = new Map(planned.map(({ id, needs }) => [id, needs]))
  const fine = new Set<string>()
  const visit = (id: string, way: readonly string[]): readonly string[] => {
    if (way.includes(id)) return [...way.slice(way.indexOf(id)), id]
    if (fine.has(id)) return []
    for (const need of (needsOf.get(id) ?? []).filter(need => need !== id)) {
      const circle = visit(need, [...way, id])
      if (circle.length > 0) return circle
    }
    fine.add(id)
    return []
  }
  return planned.map(({ id }) => visit(id, [])).find(circle => circle.length > 0) ?? []
}

function checkHost(value: Given | undefined, path: readonly string[], refuse: Refuse): void {
  if (value === undefined) return
  if (!isTemplate(value) || slotsOf(value).length > 0) refuse(path, 'expected plain text for this header')
  else if (!isHostPort(value.source)) refuse(path, 'expected a host name or an address, with or without a port')
}

function checkTransport(own: Pick<RequestOptions, 'path' | 'headers'>, path: readonly string[], refuse: Refuse): void {
  if (/[?#]/.test(own.path?.source.replace(/\{\{.*?\}\}/g, '') ?? '')) {
    refuse([...path, 'path'], 'expected a path alone: parameters belong under query')
  }
  for (const [name, value] of Object.entries(own.headers ?? {})) {
    if (/^host$/i.test(name)) checkHost(value, [...path, 'headers', name], refuse)
  }
}

/** The rules of requests, parameters and templates that concern several keys. */
export function checkRequests(section: Section, issues: z.RefinementCtx): void {
  const refuse: Refuse = (path, message) => issues.addIssue({ code: 'custom', path: [...path], message })
  const { requests } = section
  checkParams(section, refuse)
  checkTransport(section, [], refuse)
  for (const [id, own] of Object.entries(requests ?? {})) {
    const path = ['requests', id]
    if (!/^[a-zA-Z_][\w-]*$/.test(id)) refuse(path, 'expected a name of letters, digits, _ and -')
    if (id === 'param' || id === 'target') refuse(path, `{{${id}.…}} means something else: expected another name`)
    checkTransport(own, path, refuse)
    if (own.cache !== undefined && Object.keys(own.extract).length === 0) {
      refuse([...path, 'cache'], 'keeps what is extracted: extract is missing')
    }
  }
  const planned = planOf(section)
  if (planned.length === 0) refuse(['requests'], 'expected a request')
  if (planned.length > maxRequests) refuse(['requests'], `more than ${maxRequests} requests`)
  for (const request of planned) {
    const path = requests === undefined ? [] : ['requests', request.id]
    const faults = slotsOfRequest(request).flatMap(slot => slotFault(slot, request, section) ?? [])
    for (const fault of new Set(faults)) refuse(path, fault)
  }
  const circle = findCircle(planned)
  if (circle.length > 0) refuse(['requests'], `these requests need each other: ${circle.join(' -> ')}`)
}
