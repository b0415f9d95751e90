import { KubernetesPathError, parseKubernetesTemplate } from '../../../kit/kubernetes-path.ts'
import { compileJsonPath, isEvaluationFault, type JsonPath } from './json-path.ts'
import { type Segment, step, walk } from './json-walk.ts'
import { climb } from './name.ts'
import { type Found, type Query, QueryError, QueryFault, type Scope } from './query.ts'

/** Where a query starts, and the RFC 9535 that it is from there. */
interface Start {
  readonly absolute: boolean
  /** How many items up. */
  readonly levels: number
  readonly path: string
  /** By how much columns in `path` are ahead of those in the source. */
  readonly shift: number
}

function startOf(source: string): Start {
  if (source.startsWith('$')) return { absolute: true, levels: 0, path: source, shift: 0 }
  const [, carets = '', rest = ''] = /^(\^*)(.*)$/s.exec(source) ?? []
  const levels = carets.length
  const isPath = rest === '' ? levels > 0 : rest.startsWith('.') || (levels > 0 && rest.startsWith('['))
  if (!isPath) {
    throw new QueryError('expected a query that starts with $ (the document), . (the item) or ^ (what is around it)')
  }
  // `.` is the item itself, and `.[0]` an element of it: RFC 9535 has no dot in either.
  const dropped = rest === '.' || rest.startsWith('.[') ? 1 : 0
  return { absolute: false, levels, path: `$${rest.slice(dropped)}`, shift: 1 - dropped - levels }
}

/** The name or index that a segment consists of. */
function plainStep({ descends, selectors: [selector, ...others] }: Segment): readonly (string | number)[] {
  if (descends || others.length > 0) return []
  if (selector?.kind === 'name') return [selector.name]
  return selector?.kind === 'index' ? [selector.index] : []
}

function finderOf({ segments }: JsonPath): (root: unknown, key: Found['key']) => readonly Found[] {
  const path = segments.flatMap(plainStep)
  if (path.length === segments.length) return (root, key) => step(path, root, key)
  return (root, key) => {
    try {
      return walk(segments, root, key)
    } catch (error) {
      if (!isEvaluationFault(error)) throw error
      throw new QueryFault('the query goes too deep', { cause: error })
    }
  }
}

const hint = (source: string, column: number) =>
  column > 1 && /[-$\d]/.test(source[column - 1] ?? '')
    ? "; a name that is not of letters, digits and _ is written ['name']"
    : ''

function compileFrom(source: string, { path, shift }: Start): JsonPath {
  try {
    return compileJsonPath(path)
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const column = Math.max(error.column - shift, 1)
    throw new QueryError(`${error.message}${hint(source, column)}`, column, { cause: error })
  }
}

/** The path that a template of Kubernetes' dialect is, where it is just one. */
function fromKubernetes(source: string): string {
  try {
    const [part, ...others] = parseKubernetesTemplate(source)
    if (part !== undefined && 'path' in part && others.length === 0) return part.path
    throw new QueryError('expected one query in braces and nothing around it')
  } catch (error) {
    if (!(error instanceof KubernetesPathError)) throw error
    throw new QueryError(error.message, error.column, { cause: error })
  }
}

/**
 * Compiles RFC 9535 with sonde's prefixes: `$` is the document, `.` the item, each `^` the item around that. Within
 * filters, `$` is where the whole query starts. In braces it is Kubernetes' dialect. Throws `QueryError`.
 */
export function compileJsonQuery(source: string, scope: Scope): Query {
  const query = source.startsWith('{') ? fromKubernetes(source) : source
  const start = startOf(query)
  const { absolute, levels } = start
  if (levels > scope.depth) throw new QueryError('there are not so many items around this')
  const compiled = compileFrom(query, start)
  const find = finderOf(compiled)
  return {
    source,
    cost: compiled.cost,
    absolute,
    find(document, item) {
      if (document.format !== 'json') return []
      if (absolute) return find(document.value, undefined)
      const { node, key } = climb(item, levels).found
      return find(node, key)
    },
  }
}
