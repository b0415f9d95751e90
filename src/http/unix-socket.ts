import { chmodSync, lstatSync, statSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'

/** For the owner and the group; to connect to a socket is to write to it. */
const mode = 0o660

function hasListener(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    const settle = (work: () => void) => {
      socket.destroy()
      work()
    }
    socket.once('connect', () => settle(() => resolve(true)))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      settle(() => (error.code === 'ECONNREFUSED' ? resolve(false) : reject(error))),
    )
  })
}

/**
 * Removes the socket that a process left which did not end well. Throws when somebody listens there, when there is
 * something else, and when its folder is not there, of which Node would say that it is not permitted.
 */
export async function clearSocket(path: string): Promise<void> {
  statSync(dirname(path))
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isSocket()) throw new Error(`${path} is there and no socket`)
  if (await hasListener(path)) throw new Error(`EADDRINUSE: somebody listens on ${path}`)
  unlinkSync(path)
}

/** Sets who may connect; to be called as soon as the server listens. */
export const openToGroup = (path: string): void => chmodSync(path, mode)
