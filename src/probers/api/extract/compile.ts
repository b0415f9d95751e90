import { type Document, DocumentFault, type Format } from '../document/document.ts'
import { parseDocument } from '../document/parse.ts'
import type { Extracted } from '../options/transport.ts'
import { documentItem } from '../query/items.ts'
import { type Answer, type DocumentResult, faulty } from './answer.ts'
import { compileCheck } from './check.ts'
import { atDocument, type Compiler, createCompiler, findText, type Report, type Visit } from './compiler.ts'
import { compileEntry } from './entry.ts'
import { compileLookup } from './lookup.ts'
import { headText } from './meta.ts'
import { createRoom } from './rows.ts'
import type { DocumentSpec, NamedPlaced } from './spec.ts'

/** What reads one answer, compiled for one format. */
export interface CompiledDocument {
  readonly readsBody: boolean
  /** About how many steps it takes with a body of so many octets. */
  steps(bytes: number): number
  read(answer: Answer): DocumentResult
}

/** Longer ones are none: they go into the head of a request. */
const maxExtracted = 16 * 1024

function textFinder({ written, at }: NamedPlaced<Extracted>, compiler: Compiler) {
  if (typeof written !== 'string') return ({ meta, nowMs }: Visit) => headText(written, meta, nowMs)
  const query = compiler.query(written, at, atDocument)
  return (visit: Visit) => findText(query, visit, documentItem(visit.document), maxExtracted)
}

function compileExtracted(extracted: NamedPlaced<Extracted>, compiler: Compiler) {
  const find = textFinder(extracted, compiler)
  return (visit: Visit): readonly (readonly [string, string])[] => {
    const text = find(visit)
    return text === undefined || text === '' || text.length > maxExtracted ? [] : [[extracted.name, text]]
  }
}

/** Compiles what reads one answer; mistakes are reported. */
export function compileDocument(spec: DocumentSpec, format: Format, report: Report): CompiledDocument {
  const compiler = createCompiler(format, report)
  const conditions = spec.conditions.map(check => compileCheck(check, compiler))
  const extract = spec.extract.map(one => compileExtracted(one, compiler))
  const lookups = spec.lookups.map(one => compileLookup(one, compiler))
  const entries = spec.entries.flatMap(one => compileEntry(one, compiler) ?? [])
  const checks = spec.checks.map(check => compileCheck(check, compiler))
  const { readsBody } = compiler

  function evaluate(visit: Visit): DocumentResult {
    const judged = conditions.map(judge => judge(visit))
    const failed = judged.find(({ passed, severity }) => !passed && severity === 'critical')
    if (failed !== undefined) return faulty('check', failed.message, judged)
    const room = createRoom(spec.maxSeries)
    return {
      extracted: Object.fromEntries(extract.flatMap(find => find(visit))),
      tables: new Map(lookups.map(read => read(visit))),
      entries: entries.map(read => read(visit, room)),
      conditions: judged,
      checks: checks.map(judge => judge(visit)),
    }
  }

  return {
    readsBody,
    steps: compiler.steps,
    read({ octets, charset, meta, nowMs }) {
      try {
        const document: Document = readsBody ? parseDocument(octets, format, charset) : { format: 'text', text: '' }
        return evaluate({ document, meta, nowMs })
      } catch (error) {
        if (!(error instanceof DocumentFault)) throw error
        return faulty(error.reason, error.message)
      }
    },
  }
}
