import type { Path } from '../../../config/yaml.ts'
import { type KubernetesPart, KubernetesPathError, parseKubernetesTemplate } from '../../../kit/kubernetes-path.ts'
import type { Findings } from '../finding.ts'

/** What a path starts at: the whole document, or each of the items. */
export type Start = '$' | '.'

const absolute = (path: string) => (path === '.' ? '$' : path.replace(/^\.(?=\[)/, '').replace(/^/, '$'))

/** Takes a template apart; `undefined` when it cannot be translated, which is told. */
export function readTemplate(
  template: string,
  start: Start,
  path: Path,
  findings: Findings,
): readonly KubernetesPart[] | undefined {
  try {
    const parts = parseKubernetesTemplate(template)
    if (start === '.' && parts.some(part => 'path' in part) && /\{\s*\$/.test(template)) {
      findings.note(path, '$ is the item here in json_exporter, and the document in sonde: written without it')
    }
    return parts.map(part => ('path' in part && start === '$' ? { path: absolute(part.path) } : part))
  } catch (error) {
    if (!(error instanceof KubernetesPathError)) throw error
    findings.lost(path, `${template}: ${error.message}, at character ${error.column}`)
    return undefined
  }
}

/** The one path that a template is; `undefined` when it is something else, which is told. */
export function readPath(template: string, start: Start, path: Path, findings: Findings): string | undefined {
  const parts = readTemplate(template, start, path, findings)
  const [part, ...others] = parts ?? []
  if (part !== undefined && 'path' in part && others.length === 0) return part.path
  if (parts !== undefined)
    findings.lost(path, `${template || 'no path'}: expected one path in braces and nothing around it`)
  return undefined
}

/** Whether a path asks for several at once; a filter is mostly there to find one. */
const isPlural = (path: string) => /\*|\.\.|\[[^\]?]*[,:][^\]]*\]/.test(path.replace(/'[^']*'|"[^"]*"/g, ''))

/** A value: a number, or the one path that a template is. */
export function readValue(value: unknown, start: Start, path: Path, findings: Findings): number | string | undefined {
  const text = textValue(value)
  if (typeof text === 'number') return text
  const found = readPath(text, start, path, findings)
  if (found !== undefined && isPlural(found)) {
    findings.note(path, `${text}: of several matches json_exporter makes no value; sonde takes the first`)
  }
  return found
}

function textValue(value: unknown): number | string {
  if (typeof value === 'number') return value
  const text = String(value ?? '').trim()
  if (/^true$/i.test(text)) return 1
  if (/^false$/i.test(text)) return 0
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : text
}

/** A label: text with the paths in it in sonde's form. */
export function readLabel(template: string, start: Start, path: Path, findings: Findings): string | undefined {
  const parts = readTemplate(template, start, path, findings)
  if (parts?.some(part => 'path' in part && isPlural(part.path))) {
    findings.note(path, `${template}: json_exporter joins several matches with spaces; sonde takes the first`)
  }
  return parts?.map(part => ('path' in part ? `{${part.path}}` : part.text)).join('')
}
