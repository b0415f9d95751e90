import { JSONPathEnvironment } from 'json-p3'

/** A place in a JSON value. */
export interface Place {
  readonly value: unknown
  readonly location: readonly (string | number)[]
}

export interface JsonPath {
  places(value: unknown): Iterable<Place>
}

const environment = new JSONPathEnvironment({ maxRecursionDepth: 1000 })

/** Compiles RFC 9535. */
export function compileJsonPath(source: string): JsonPath {
  const query = environment.compile(source)
  return { places: value => query.lazyQuery(value as never) }
}
