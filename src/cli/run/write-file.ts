import { randomUUID } from 'node:crypto'
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'

const missing = (error: NodeJS.ErrnoException) => {
  if (error.code === 'ENOENT') return undefined
  throw error
}

/**
 * Writes a file whole or not at all: readers see the old text or the new one. What is no regular file (a pipe, a
 * terminal) is written to as it is. Throws the error of the file system.
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const known = await stat(path).catch(missing)
  if (known !== undefined && !known.isFile()) return writeFile(path, text)
  const target = known === undefined ? path : await realpath(path)
  const temporary = `${target}.${randomUUID()}.tmp`
  try {
    await writeFile(temporary, text, { flag: 'wx', ...(known !== undefined && { mode: known.mode }) })
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
