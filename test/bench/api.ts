import { readDocument } from '../../src/probers/api/extract/read-document.ts'
import { bigJson, bigXml, jsonSection, xmlSection } from '../probers/api/extract/big.ts'
import { answerOf, bind } from '../probers/api/extract/evaluate.ts'
import { watchLoop } from '../support/loop.ts'

const rounds = 9

const print = (line: string) => process.stdout.write(`${line}\n`)
const ms = (value: number) => `${value.toFixed(1)} ms`.padStart(10)

async function best(work: () => unknown): Promise<number> {
  let bestMs = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const startedMs = performance.now()
    await work()
    bestMs = Math.min(bestMs, performance.now() - startedMs)
  }
  return bestMs
}

async function measure(title: string, yaml: string, body: Uint8Array): Promise<void> {
  const api = bind(yaml)
  const plan = api.extraction.documents.get('main')
  const answer = () => answerOf(api, 'main', Uint8Array.from(body))
  const compiled = plan?.compiled.get(answer().format)
  if (plan === undefined || compiled === undefined) throw new Error('nothing is compiled')
  const signal = new AbortController().signal
  print(`${title}, ${(body.length / 1e6).toFixed(1)} MB, ${answer().format} (best of ${rounds})`)
  const given = answer()
  const inline = await best(() => compiled.read(given))
  print(`  in the main thread            ${ms(inline)}`)
  const inThread = await best(() => readDocument(plan, answer(), signal))
  const copying = await best(() => answer())
  print(`  in a thread, there and back   ${ms(inThread - copying)}`)
  const loop = watchLoop()
  await readDocument(plan, answer(), signal)
  print(`  event loop held meanwhile     ${ms(loop.end())}`)
  if (answer().format === 'json') {
    const parse = await best(() => JSON.parse(new TextDecoder().decode(body)))
    print(`  JSON.parse and decoding alone ${ms(parse)}`)
    const text = new TextDecoder().decode(body)
    print(`  JSON.parse alone              ${ms(await best(() => JSON.parse(text)))}`)
  }
}

/** Measures what it takes to read large answers. */
export async function run(): Promise<void> {
  await measure('105,000 items', jsonSection, bigJson(105_000))
  await measure('12,000 elements', xmlSection, bigXml(12_000))
}
