import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// What a file loads takes longer than most of its tests: files share a process, and each leaves it as it found it.
const unit = { isolate: false, maxWorkers: availableParallelism() }

// Real programs want the machine for themselves.
const integration = { maxWorkers: 1 }

export default defineConfig({
  test: {
    testTimeout: 15_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/integration/**'], ...unit },
      },
      {
        extends: true,
        test: { name: 'integration', include: ['test/integration/**/*.test.ts'], ...integration },
      },
    ],
  },
})
