import { threadId } from 'node:worker_threads'
import { answerJobs } from '../../src/kit/worker-pool.ts'

export type Job =
  | { readonly kind: 'echo'; readonly value: unknown }
  | { readonly kind: 'thread' | 'hang' | 'throw' | 'exit' }

answerJobs((job: Job) => {
  switch (job.kind) {
    case 'echo':
      return job.value
    case 'thread':
      return threadId
    case 'hang':
      while (true);
    case 'throw':
      throw new TypeError('no such thing')
    case 'exit':
      return process.exit(3)
  }
})
