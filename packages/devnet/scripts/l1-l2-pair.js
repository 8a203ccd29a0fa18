#!/usr/bin/env node
// Starts two chains with the LPT bridge between them and a relayer, prints URLs and addresses as JSON, and runs until
// Ctrl-C:
//   node packages/devnet/scripts/l1-l2-pair.js [--folder FOLDER] [--l1-port 8545] [--l2-port 8546] [--challenge-period 10]
//     [--block-time MILLISECONDS, else 1000]
// Without --folder nothing is kept. Four test accounts have 100,000 LPT each on layer 1.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scriptOptions } from '../../../scripts/script-options.js'
import { ChainPair, devnetAddress, formatPair } from '../dist/index.js'

const { values, fail } = scriptOptions(import.meta.url, {
  folder: { type: 'string' },
  'l1-port': { type: 'string', default: '8545' },
  'l2-port': { type: 'string', default: '8546' },
  'challenge-period': { type: 'string', default: '10' },
  'block-time': { type: 'string', default: '1000' },
})
for (const name of ['l1-port', 'l2-port', 'challenge-period', 'block-time'])
  if (!/^\d+$/.test(values[name])) fail(`--${name} must be a whole number, not ${values[name]}`)

const scratch = values.folder === undefined ? mkdtempSync(join(tmpdir(), 'millrace-pair-')) : undefined
const clean = () => scratch && rmSync(scratch, { recursive: true, force: true })
const note = (level) => (message, fields) =>
  process.stderr.write(
    `${level}: ${message} ${JSON.stringify(fields ?? {}, (_, value) => (typeof value === 'bigint' ? String(value) : value))}\n`,
  )
const log = { debug() {}, info: note('info'), warn: note('warn'), error: note('error'), child: () => log }

let ended
const end = new Promise((resolve) => {
  ended = resolve
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => ended())

let pair
try {
  pair = await ChainPair.start(
    {
      folder: values.folder ?? scratch,
      ports: { l1: Number(values['l1-port']), l2: Number(values['l2-port']) },
      challengePeriodSeconds: BigInt(values['challenge-period']),
      blockTimeMs: Number(values['block-time']),
      l1Allocations: ['delegator1', 'delegator2', 'delegator3', 'delegator4'].map((name) => ({
        account: devnetAddress(name),
        amount: 100_000n * 10n ** 18n,
      })),
    },
    {
      log,
      onDeath: (error) => {
        process.exitCode = 1
        log.error(error.message, { code: error.code })
        ended()
      },
    },
  )
} catch (error) {
  clean()
  fail(error.message)
}
process.stdout.write(formatPair(pair))
await end
await pair.stop()
clean()
