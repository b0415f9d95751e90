import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')

/** Collects what nobody holds any more, at once: what a test measures is then its own. */
export const collectGarbage: () => void = runInNewContext('gc')
