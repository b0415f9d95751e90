import { lstat, readlink, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { hasCode, LeaseFileError } from './failure.ts'
import { isInside, isWithinRoots, type PathPolicy } from './roots.ts'

const maxLinks = 40

const outside = () => new LeaseFileError('outside_roots', 'the path leads out of the roots')
const linked = () => new LeaseFileError('symlink', 'there is a symbolic link on the path')

interface Link {
  readonly at: string
  readonly destination: string
}

const isLink = (path: string): Promise<boolean> =>
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

async function hasLink(path: string, roots: readonly string[]): Promise<boolean> {
  for (const root of roots) {
    if (isInside(path, root) && (await firstLink(path, root)) === undefined) return false
  }
  return true
}

/** Whether links lead a path out of the roots, for a path that cannot be followed to its end. */
async function leadsOut(path: string, roots: readonly string[]): Promise<boolean> {
  let at = path
  for (let links = 0; links < maxLinks; links++) {
    const root = roots.find(candidate => isInside(at, candidate))
    if (root === undefined) return true
    const link = await firstLink(at, root)
    if (link === undefined) return false
    at = resolve(link.destination, `.${at.slice(link.at.length)}`)
  }
  return false
}

/**
 * The real path of an admitted target. Throws `LeaseFileError` when a symbolic link is not allowed or leads out of the
 * roots, whether or not there is anything at its far end, and otherwise the errors of the file system.
 */
export async function resolveTarget(path: string, { roots, symlinks }: PathPolicy): Promise<string> {
  if (symlinks === 'deny' && (await hasLink(path, roots))) throw linked()
  const real = await realpath(path).catch(async error => {
    throw (await leadsOut(path, roots)) ? outside() : error
  })
  if (!(await isWithinRoots(real, roots))) throw outside()
  return real
}

/** Where the side files of a target stand: beside the file itself, wherever links may lead to it. */
export async function sideFileBase(path: string, realPath: string | undefined): Promise<string> {
  return realPath ?? join(await realpath(dirname(path)), basename(path))
}

/** The real path of the side file `base + suffix`; throws as `resolveTarget` does. */
export async function resolveSideFile(base: string, suffix: string, { roots, symlinks }: PathPolicy): Promise<string> {
  const path = base + suffix
  const real = await realpath(path).catch(async error => {
    throw hasCode(error, 'ENOENT', 'EACCES') && (await isLink(path)) ? outside() : error
  })
  if (symlinks === 'deny' && real !== path) throw linked()
  if (!(await isWithinRoots(real, roots, suffix))) throw outside()
  return real
}
