import { defineConfig } from 'vitest/config'

const FAULTS = 'test/network/src/faults'
const PLAYERS = 'test/browser/players'
const LONG = '.long.test.ts'
const MODELS = '.models.test.ts'
// They wait for a clock more than they work, and mind company: CI, `npm run test:network` and `npm run test:players` run them one after the other.
const withLong = process.argv.some((argument) => argument.includes('.long'))
// They fetch models of AI, a few hundred megabytes the first time: `npm run test:ai`.
const withModels = process.argv.some((argument) => argument.includes('.models'))
const withPlayers = process.argv.some((argument) => argument.includes(PLAYERS))
const withFaults = process.argv.some((argument) => argument.includes(FAULTS) || argument.endsWith('test/network'))

export default defineConfig({
  resolve: { conditions: ['millrace-source'] },
  ssr: { resolve: { conditions: ['millrace-source', 'node', 'import', 'default'] } },
  test: {
    include: ['{packages,apps,contracts,test}/**/*.test.{ts,tsx}'],
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      ...(withFaults ? [] : [`${FAULTS}/**`]),
      ...(withPlayers ? [] : [`${PLAYERS}/**`]),
      ...(withModels ? [] : [`**/*${MODELS}`]),
      ...(withLong ? [] : [`**/*${LONG}`]),
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
