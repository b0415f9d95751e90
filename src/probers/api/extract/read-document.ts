import { createWorkerPool } from '../../../kit/worker-pool.ts'
import type { Format } from '../document/document.ts'
import { type Answer, type DocumentResult, faulty } from './answer.ts'
import type { CompiledDocument } from './compile.ts'
import type { Job } from './document-thread.ts'
import type { DocumentPlan } from './plan.ts'

const maxWaitingBytes = 256 * 2 ** 20

/** A target whose answer takes long to read holds up the others only when there are four of them. */
const threads = createWorkerPool<Job, DocumentResult>(import.meta.url, './document-thread', 4, maxWaitingBytes)

/** What is read in 20 ms: hostile JSON takes five times as long as other. */
const maxBytesAtOnce: Readonly<Record<Format, number>> = { json: 2 ** 18, xml: 2 ** 16, text: 2 ** 20 }
const maxStepsAtOnce = 2 ** 18

const isQuick = (compiled: CompiledDocument, { octets: { length }, format }: Answer): boolean =>
  !compiled.readsBody || (length <= maxBytesAtOnce[format] && compiled.steps(length) <= maxStepsAtOnce)

/** The octets by themselves, to be handed over; a part of a larger buffer is copied. */
function detached(octets: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = octets
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === octets.byteLength
  return isWhole ? new Uint8Array(buffer) : Uint8Array.from(octets)
}

async function readInThread(source: string, answer: Answer, signal: AbortSignal): Promise<DocumentResult> {
  const octets = detached(answer.octets)
  try {
    return await threads.run({ ...answer, octets, source }, octets.length, signal, [octets.buffer])
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error
    return faulty('too_large', 'the body takes more memory than there is')
  }
}

/**
 * Reads an answer, in a thread where that may take long; then its octets are gone afterwards. Throws `Overloaded` when
 * too much waits for a thread or none gets free in time, and the signal's reason when that aborts.
 */
export async function readDocument(plan: DocumentPlan, answer: Answer, signal: AbortSignal): Promise<DocumentResult> {
  const compiled = plan.compiled.get(answer.format)
  if (compiled === undefined) return faulty('parse', `the body is ${answer.format}, which the queries are not for`)
  return isQuick(compiled, answer) ? compiled.read(answer) : readInThread(plan.source, answer, signal)
}
