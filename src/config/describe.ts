import { dumps, type z } from '../kit/options.ts'

type Schema = z.core.$ZodType

/** A value as YAML can hold it: secrets say `<secret>`, patterns their source. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if ('toJSON' in value && typeof value.toJSON === 'function') return value.toJSON()
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Set) return [...value].map(plain)
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  return Object.fromEntries(
    entries.filter(([, member]) => member !== undefined).map(([key, member]) => [key, plain(member)]),
  )
}

function members(value: object, schemaOf: (key: string) => Schema | undefined): Record<string, unknown> {
  const shown = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(shown.map(([key, member]) => [key, describe(schemaOf(key), member)]))
}

/**
 * Turns parsed options back into what stands in a modules file, defaults filled in and secrets hidden: walks value and
 * schema together, as only the schema knows that 5000 was `5s`.
 */
export function describe(schema: Schema | undefined, value: unknown): unknown {
  const dumper = schema && dumps.get(schema as z.ZodType)?.dump
  if (dumper !== undefined) return dumper(value as never)
  const def = schema?._zod.def as z.core.$ZodTypes['_zod']['def'] | undefined
  switch (def?.type) {
    case 'object':
      return value instanceof Object ? members(value, key => def.shape[key]) : plain(value)
    case 'record':
      return value instanceof Object ? members(value, () => def.valueType) : plain(value)
    case 'array':
      return Array.isArray(value) ? value.map(item => describe(def.element, item)) : plain(value)
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nullable':
      return describe(def.innerType, value)
    case 'pipe':
      return def.in._zod.def.type === 'transform' ? describe(def.out, value) : plain(value)
    default:
      return plain(value)
  }
}
