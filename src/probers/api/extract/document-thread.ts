import { answerJobs } from '../../../kit/worker-pool.ts'
import type { Answer } from './answer.ts'
import { type CompiledDocument, compileDocument } from './compile.ts'
import type { DocumentSpec } from './spec.ts'

/** An answer, and what reads it as its source: what is compiled cannot be sent to a thread. */
export interface Job extends Answer {
  readonly source: string
}

const maxKnown = 100
const known = new Map<string, CompiledDocument>()

/** All of it was compiled once before, when the configuration was loaded. */
function compiledFor({ source, format }: Job): CompiledDocument {
  const key = `${format} ${source}`
  const compiled =
    known.get(key) ??
    compileDocument(JSON.parse(source) as DocumentSpec, format, (at, message) => {
      throw new Error(`${at.join('.')}: ${message}`)
    })
  if (known.size >= maxKnown) known.clear()
  known.set(key, compiled)
  return compiled
}

answerJobs((job: Job) => compiledFor(job).read(job))
