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

/** Whether a value may be what this form of a union gave. */
function fits(schema: Schema, value: unknown): boolean {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'object': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
      return Object.keys(value).every(key => Object.hasOwn(def.shape, key))
    }
    case 'record':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'array':
      return Array.isArray(value)
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === def.type
    case 'literal':
      return (def.values as readonly unknown[]).includes(value)
    case 'union':
      return def.options.some(option => fits(option, value))
    case 'pipe':
      return fits(def.in._zod.def.type === 'transform' ? def.out : def.in, value)
    default:
      return 'innerType' in def ? fits(def.innerType as Schema, value) : false
  }
}

/**
 * Turns parsed options back into what stands in a modules file, defaults filled in and secrets hidden: walks value and
 * schema together, as only the schema knows that 5000 was `5s`.
 */
export function describe(schema: Schema | undefined, value: unknown): unknown {
  const def = schema?._zod.def as z.core.$ZodTypes['_zod']['def'] | undefined
  const dumper = schema && dumps.get(schema as z.ZodType)
  if (dumper !== undefined && 'dump' in dumper) return dumper.dump(value as never)
  if (dumper !== undefined && def?.type === 'pipe') return describe(def.in, dumper.written(value as never))
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
    case 'union':
      return describe(
        def.options.find(option => fits(option, value)),
        value,
      )
    case 'pipe':
      return def.in._zod.def.type === 'transform' ? describe(def.out, value) : plain(value)
    default:
      return plain(value)
  }
}
