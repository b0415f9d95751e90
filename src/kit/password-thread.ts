import { compareSync, hashSync } from 'bcryptjs'
import { answerJobs } from './worker-pool.ts'

/** A password to compare with a hash, or to hash. */
export type PasswordJob = { readonly password: string } & ({ readonly hash: string } | { readonly cost: number })

answerJobs<PasswordJob, string | boolean>(job =>
  'hash' in job ? compareSync(job.password, job.hash) : hashSync(job.password, job.cost),
)
