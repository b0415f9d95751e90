import type { PasswordJob } from './password-thread.ts'
import { createWorkerPool } from './worker-pool.ts'

/** bcrypt looks at no more of a password than this. */
export const maxPasswordBytes = 72

const maxWaitingBytes = 64 * 1024
const jobBytes = 512

/** One thread: a guess costs an attacker as much time as it costs everybody else, and the event loop none. */
const thread = createWorkerPool<PasswordJob, string | boolean>(import.meta.url, 'password-thread', 1, maxWaitingBytes)

const ask = (job: PasswordJob) => thread.run(job, jobBytes + job.password.length, new AbortController().signal)

/** Whether a bcrypt hash is that of a password. Throws `Overloaded` when too many others wait. */
export const isPassword = async (password: string, hash: string): Promise<boolean> =>
  (await ask({ password, hash })) === true

/** The bcrypt hash of a password (`$2b$`); each step of `cost` doubles the time that it takes, and a login later. */
export const hashPassword = async (password: string, cost: number): Promise<string> =>
  String(await ask({ password, cost }))
