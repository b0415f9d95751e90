import type { Format } from '../document/document.ts'
import { compileJsonQuery } from './json.ts'
import { compileName } from './name.ts'
import type { Query, Scope } from './query.ts'
import { compileTextQuery } from './text.ts'
import { compileXmlQuery } from './xml.ts'

/** Compiles a query. Throws `QueryError`. */
export function compileQuery(source: string, format: Format, scope: Scope): Query {
  const name = compileName(source, format, scope)
  if (name !== undefined) return name
  switch (format) {
    case 'json':
      return compileJsonQuery(source, scope)
    case 'xml':
      return compileXmlQuery(source)
    case 'text':
      return compileTextQuery(source)
  }
}
