import type { Document, Format } from '../../../../src/probers/api/document/document.ts'
import { parseDocument } from '../../../../src/probers/api/document/parse.ts'
import { compileQuery } from '../../../../src/probers/api/query/compile.ts'
import { documentItem } from '../../../../src/probers/api/query/items.ts'
import type { Found, Scope } from '../../../../src/probers/api/query/query.ts'

export const outside: Scope = { names: new Set(), depth: 0 }

export const document = (body: string, format: Format): Document => parseDocument(Buffer.from(body), format)

/** What a query finds in a document, outside of any item. */
export const findIn = (source: string, subject: Document): readonly Found[] =>
  compileQuery(source, subject.format, outside).find(subject, documentItem(subject))

/** The values that a JSONPath finds. */
export const findValues = (source: string, value: unknown): readonly unknown[] =>
  findIn(source, { format: 'json', value }).map(found => found.value)
