import { lstat, readlink, realpath } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { FileRefused } from './refused.ts'
import { isInside, isWithinRoots, type PathPolicy, type Roots } from './roots.ts'

const maxLinks = 40

export const outside = () => new FileRefused('outside_roots', 'the path leads out of the roots')
export const linked = () => new FileRefused('symlink', 'there is a symbolic link on the path')

interface Link {
  readonly at: string
  readonly destination: string
}

/** Whether a symbolic link stands there. */
export const isLink = (path: string): Promise<boolean> =>
  lstat(path).then(
    stats => stats.isSymbolicLink(),
    () => false,
  )

/** The first symbolic link on the way from a root, itself left out, to a path. */
async function firstLink(path: string, root: string): Promise<Link | undefined> {
  let at = root
  for (const name of path.slice(root.length).split('/').filter(Boolean)) {
    at = join(at, name)
    const destination = await readlink(at).catch(() => undefined)
    if (destination !== undefined) return { at, destination: resolve(dirname(at), destination) }
  }
  return undefined
}

/** Whether a real path is what an admitted path reads, so that no link is on the way from a root. */
export async function isLiteral(path: string, real: string, { paths, realOf }: Roots): Promise<boolean> {
  const above = paths.filter(root => isInside(path, root))
  const reals = await Promise.all(above.map(async root => [root, await realOf(root)] as const))
  return reals.some(([root, own]) => own !== undefined && real === join(own, path.slice(root.length)))
}

/** Whether there is a link on the way, for a path that cannot be followed to its end. */
async function hasLink(path: string, { paths }: Roots): Promise<boolean> {
  for (const root of paths) {
    if (isInside(path, root) && (await firstLink(path, root)) === undefined) return false
  }
  return true
}

/** Whether links lead a path out of the roots, for a path that cannot be followed to its end. */
async function leadsOut(path: string, roots: Roots): Promise<boolean> {
  let at = path
  for (let links = 0; links < maxLinks; links++) {
    const root = roots.paths.find(candidate => isInside(at, candidate))
    if (root === undefined) return true
    const link = await firstLink(at, root)
    if (link === undefined) return false
    at = resolve(link.destination, `.${at.slice(link.at.length)}`)
  }
  return false
}

/**
 * The real path of an admitted target. Throws `FileRefused` when a symbolic link is not allowed or leads out of the
 * roots, whether or not there is anything at its far end, and otherwise the errors of the file system.
 */
export async function resolveTarget(path: string, { roots, symlinks }: PathPolicy): Promise<string> {
  const real = await realpath(path).catch(async error => {
    if (symlinks === 'deny' && (await hasLink(path, roots))) throw linked()
    throw (await leadsOut(path, roots)) ? outside() : error
  })
  if (symlinks === 'deny' && !(await isLiteral(path, real, roots))) throw linked()
  if (!(await isWithinRoots(real, roots))) throw outside()
  return real
}

/** Whether a file that was opened by an admitted real path may be read, given where the kernel says that it is. */
export async function isAdmitted(
  kernelPath: string,
  realPath: string,
  { roots, symlinks }: PathPolicy,
  sideSuffix = '',
): Promise<boolean> {
  return symlinks === 'deny' ? kernelPath === realPath : isWithinRoots(kernelPath, roots, sideSuffix)
}
