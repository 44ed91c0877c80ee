import { defineConfig } from 'vitest/config'

/** Packages whose tests touch nothing of the process that they run in: files share one, which saves loading the house for each. */
const sharing = ['accounts', 'admin', 'api', 'bff', 'client', 'protocol', 'provider']
const tests = ['packages/*/src/**/*.test.{ts,tsx}', 'apps/*/src/**/*.test.ts', 'tools/**/*.test.ts']
const shared = sharing.map((name) => `packages/${name}/src/**/*.test.{ts,tsx}`)

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'], externalConditions: ['source'] } },
  test: {
    pool: 'forks',
    // Many tests wait for processes of their own: one worker less than cores would leave a core idle.
    maxWorkers: '100%',
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'shared', include: shared, isolate: false } },
      { extends: true, test: { name: 'alone', include: tests, exclude: ['**/node_modules/**', ...shared] } },
    ],
  },
})
