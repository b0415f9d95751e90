import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'

const magic = /[*?[]/

/** Whether a path is a pattern, and no file of that name is there. */
export const isPattern = (path: string): boolean => magic.test(path) && !existsSync(path)

function compile(source: string, pattern: string): RegExp {
  try {
    return new RegExp(`^${source}$`, 's')
  } catch {
    throw new Error(`bad pattern ${pattern}: expected ranges such as [a-z] or [0-9]`)
  }
}

/** `*`, `?` and `[a-z]` as in a shell; a dot at the beginning has to be written. */
function segmentTest(pattern: string): (name: string) => boolean {
  const source = pattern.replace(/\[[!^]?[^\]]+\]|./gs, part => {
    if (part === '*') return '.*'
    if (part === '?') return '.'
    if (part.length > 1) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\')
    return part.replace(/[\\^$.*+?()[\]{}|]/, '\\$&')
  })
  const test = compile(source, pattern)
  return name => test.test(name) && (pattern.startsWith('.') || !name.startsWith('.'))
}

const namesIn = (folder: string) => readdir(folder === '' ? '.' : folder).catch(() => [])

const isFile = (path: string) =>
  stat(path).then(
    stats => stats.isFile(),
    () => false,
  )

/**
 * The files that a pattern matches, in the order of their names. Folders that cannot be read hold none. Throws an `Error`
 * for a range such as `[z-a]`.
 */
export async function filesOf(pattern: string): Promise<readonly string[]> {
  let found = [pattern.startsWith('/') ? '/' : '']
  for (const segment of pattern.split('/').filter(part => part !== '')) {
    const fits = segmentTest(segment)
    const below = async (folder: string) => {
      const names = magic.test(segment) ? (await namesIn(folder)).filter(fits).sort() : [segment]
      return names.map(name => (folder === '' || folder === '/' ? `${folder}${name}` : `${folder}/${name}`))
    }
    found = (await Promise.all(found.map(below))).flat()
  }
  const are = await Promise.all(found.map(isFile))
  return found.filter((_path, index) => are[index])
}
