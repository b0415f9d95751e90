import { readFileSync } from 'node:fs'

/** The version in package.json. */
export const version: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version

function readRevision(): string {
  try {
    return readFileSync(new URL('../revision', import.meta.url), 'utf8').trim()
  } catch {
    return 'unknown' // run from sources, without a build
  }
}

/** The commit that the build was made from, or `unknown`. */
export const revision: string = readRevision()
