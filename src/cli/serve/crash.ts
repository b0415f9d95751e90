import type { Logger } from '../../engine/logger.ts'

/** EX_SOFTWARE of sysexits.h: systemd's `Restart=on-failure` starts sonde again. */
export const crashCode = 70

const hardStopMs = 5000
const mostTold = 10

export interface CrashWatch {
  readonly hasCrashed: boolean
  /** Resolves with the first error that reached nobody. */
  readonly crashed: Promise<'crash'>
}

/**
 * Logs exceptions and rejections that nobody handled. What state the process is in is then unknown, so it must end: the
 * caller drains it, and after 5 s it ends in any case.
 */
export function watchForCrash(log: Logger): CrashWatch {
  let count = 0
  const crashed = new Promise<'crash'>(resolve => {
    process.on('uncaughtException', (error: unknown, origin) => {
      if (++count <= mostTold) {
        const story = error instanceof Error ? (error.stack ?? error.message) : String(error)
        log.error('a bug in sonde: it ends as soon as running probes are answered', { origin, error: story })
      }
      if (count === 1) setTimeout(() => process.exit(crashCode), hardStopMs)
      resolve('crash')
    })
  })
  return {
    crashed,
    get hasCrashed() {
      return count > 0
    },
  }
}
