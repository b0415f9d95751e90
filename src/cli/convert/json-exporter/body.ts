import type { Path } from '../../../config/yaml.ts'
import type { Findings } from '../finding.ts'
import { isTrue, literal, type Members, mapOf, noteUnknown, textOf } from './read.ts'

/** What json_exporter gives a template: every parameter of the request, each as a list. */
const firstOfParam = /^\.([A-Za-z_]\w*)\s*\|\s*first$/

/** Parameters of the request that sonde keeps for itself. */
const taken = ['target', 'module', 'hostname', 'debug', 'fail', 'format']

/** A guess: json_exporter puts whatever the caller sends into the body. */
const pattern = '[\\w .,:@/+-]{0,256}'

interface Template {
  readonly text: string
  readonly params: readonly string[]
}

/** Rewrites a Go template whose actions are parameters alone; else tells what is not. */
function readTemplate(content: string, path: Path, findings: Findings): Template | undefined {
  const params = new Set<string>()
  const foreign: string[] = []
  const text = content.replace(/\{\{-?\s*(.*?)\s*-?\}\}/gs, (whole, action: string) => {
    const name = firstOfParam.exec(action)?.[1]
    if (name === undefined || taken.includes(name)) foreign.push(whole)
    else params.add(name)
    return `{{param.${name}}}`
  })
  for (const action of foreign) findings.lost(path, `${action} in the body: only {{ .NAME | first }} is carried over`)
  return foreign.length === 0 ? { text, params: [...params] } : undefined
}

/** JSON is sent as such, so that parameters are escaped in it. */
function bodyOf(text: string, params: readonly string[]): Members {
  if (params.length === 0) return { text }
  try {
    return { json: JSON.parse(text) }
  } catch {
    return { text }
  }
}

/** Converts `body`; with a content json_exporter sends it by POST. */
export function convertBody(input: unknown, path: Path, findings: Findings): Members {
  const body = mapOf(input)
  noteUnknown(body, ['content', 'templatize'], path, findings)
  const [content, at] = [textOf(body.content), [...path, 'content']]
  if (content === '') return {}
  const isTemplate = isTrue(body.templatize)
  const template = isTemplate ? readTemplate(content, at, findings) : { text: literal(content), params: [] }
  if (template === undefined) return { method: 'POST' }
  const { text, params } = template
  if (params.length === 0) return { method: 'POST', body: bodyOf(text, params) }
  findings.note(at, `what ${params.join(' and ')} may be is a guess: see the patterns of params`)
  return {
    params: Object.fromEntries(params.map(name => [name, { default: '', pattern }])),
    method: 'POST',
    body: bodyOf(text, params),
  }
}
