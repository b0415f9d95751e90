import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { BadRequest, Denied } from '../failure.ts'

const maxTargetBytes = 4096

/** What a module admits. */
export interface PathPolicy {
  readonly roots: Roots
  readonly symlinks: 'within_roots' | 'deny'
}

/** The roots of a module, absolute paths of folders or single files, with the real path of each while a probe runs. */
export interface Roots {
  readonly paths: readonly string[]
  /** Undefined when there is none; looked up once. */
  realOf(path: string): Promise<string | undefined>
}

/** Whether a path is the root or lies below it, by whole components; both absolute and free of `.`, `..` and `//`. */
export const isInside = (path: string, root: string): boolean =>
  path === root || path.startsWith(root === '/' ? root : `${root}/`)

/**
 * Judges a target by its text alone. Returns it as it will be opened. Throws `BadRequest` when it cannot be a path, and
 * `Denied`, always with the same text, when it lies outside the roots.
 */
export function admit(target: string, roots: readonly string[]): string {
  if (target === '') throw new BadRequest('target parameter is missing')
  if (Buffer.byteLength(target) > maxTargetBytes) throw new BadRequest('malformed target: longer than 4096 octets')
  if (target.includes('\0')) throw new BadRequest('malformed target: expected the path of a file')
  const path = target.replace(/\/{2,}/g, '/')
  const isPlain = path.startsWith('/') && !path.split('/').some(part => part === '.' || part === '..')
  if (!isPlain || !roots.some(root => isInside(path, root))) throw new Denied('path')
  return path
}

/** The real path of a root, also of a single file that is not there at the moment; undefined when there is none. */
async function realRoot(root: string): Promise<string | undefined> {
  const real = (path: string) => realpath(path).catch(() => undefined)
  const own = await real(root)
  if (own !== undefined) return own
  const parent = await real(dirname(root))
  return parent === undefined ? undefined : join(parent, basename(root))
}

export function createRoots(paths: readonly string[]): Roots {
  const known = new Map<string, Promise<string | undefined>>()
  const realOf = (path: string) => {
    const real = known.get(path) ?? realRoot(path)
    known.set(path, real)
    return real
  }
  return { paths, realOf }
}

/** Whether a real path lies in the roots; with a suffix, also whether it is the side file of a root that is a file. */
export async function isWithinRoots(path: string, { paths, realOf }: Roots, sideSuffix = ''): Promise<boolean> {
  const admits = async (root: string) => {
    const real = await realOf(root)
    return real !== undefined && (isInside(path, real) || (sideSuffix !== '' && path === real + sideSuffix))
  }
  // Mostly no link is on the way, and the others need not be looked up.
  const likely = paths.filter(root => path.startsWith(root))
  if ((await Promise.all(likely.map(admits))).includes(true)) return true
  return (await Promise.all(paths.map(admits))).includes(true)
}
