#!/usr/bin/env node
// Runs all tests: contracts by forge, everything else by vitest. Prints what is NOT RUN and how to get it; with CI=true that is a failure.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const only = process.argv.slice(2)
const began = Date.now()
const failures = []

function step(name, command, args, options = {}) {
  const start = Date.now()
  console.log(`\n── ${name}`)
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  const seconds = ((Date.now() - start) / 1000).toFixed(0)
  console.log(`── ${name}: ${result.status === 0 ? 'ok' : 'FAILED'} after ${seconds} s`)
  if (result.status !== 0) failures.push(name)
}

const onPath = (names) =>
  names.some((name) => (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name))))

function need(what, present, how) {
  if (present) return
  console.log(`NOT RUN: ${what}. To get it: ${how}`)
  if (process.env.CI) failures.push(`missing: ${what}`)
}

need('the browser test', onPath(['chromium', 'chromium-browser', 'google-chrome']), 'apt-get install chromium')
need('the tests of the ffmpeg command line engine', onPath(['ffmpeg']), 'apt-get install ffmpeg')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
step('everything by vitest', process.execPath, [vitest, 'run', ...only])
if (process.env.CI && only.length === 0) {
  // In real time on a machine that others use: what misses its time once has a second try, and both are printed.
  const oneByOne = [vitest, 'run', '--maxWorkers=1', '--retry=1']
  step('doors and lies', process.execPath, [...oneByOne, '.long.test.ts'])
  step('players in a browser', process.execPath, [...oneByOne, 'test/browser/players'])
  step('faults in a network, short', process.execPath, [...oneByOne, 'test/network/src/faults'])
} else if (only.length === 0) {
  console.log(
    '\nNOT RUN: doors and lies, and players in a browser, which take minutes. To run them: npm run test:players',
  )
  console.log('NOT RUN: faults in a network, which take minutes. To run them: npm run test:network')
}

const seconds = Math.round((Date.now() - began) / 1000)
if (failures.length > 0) {
  console.error(`\nFAILED after ${seconds} s: ${failures.join(', ')}`)
  process.exit(1)
}
console.log(`\nall tests passed in ${seconds} s`)
