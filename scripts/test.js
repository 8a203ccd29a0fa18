#!/usr/bin/env node
// Runs all tests by vitest, the contracts' among them. Prints what is NOT RUN and how to get it; with CI=true that is a failure.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const only = process.argv.slice(2)
const inCi = Boolean(process.env.CI)
const began = Date.now()
const failed = []
const retried = []

need('the browser test', onPath(['chromium', 'chromium-browser', 'google-chrome']), 'apt-get install chromium')
need('the tests of the ffmpeg command line engine', onPath(['ffmpeg']), 'apt-get install ffmpeg')
step('everything by vitest', only)
if (inCi && only.length === 0) {
  const oneByOne = ['--maxWorkers=1', '--retry=1']
  step('doors and lies', [...oneByOne, '.long.test.ts'])
  step('players in a browser', [...oneByOne, 'test/browser/players'])
  step('faults in a network, short', [...oneByOne, 'test/network/src/faults'])
} else if (only.length === 0) {
  console.log(
    '\nNOT RUN: doors and lies, and players in a browser, which take minutes. To run them: npm run test:players',
  )
  console.log('NOT RUN: models of AI, which are fetched for it. To run them: npm run test:ai')
  console.log('NOT RUN: faults in a network, which take minutes. To run them: npm run test:network')
}

const seconds = Math.round((Date.now() - began) / 1000)
tell('had a second try', retried)
tell('FAILED', failed)
if (failed.length > 0) {
  console.error(`\nFAILED after ${seconds} s: ${failed.map(({ name }) => name).join(', ')}`)
  process.exit(1)
}
console.log(`\nall tests passed in ${seconds} s`)

/** One group of tests. In CI, where others use the machine too, files that failed have a second try alone, and both tries are printed. */
function step(name, args) {
  const first = run(name, args)
  if (first.ok) return
  const files = [...new Set(first.failures.map(({ file }) => file))]
  if (!inCi || files.length === 0 || first.unhandled.length > 0) {
    failed.push({ name, ...first })
    return
  }
  retried.push({ name, ...first })
  const second = run(`${name}, second try of what failed`, ['--maxWorkers=1', ...files])
  if (!second.ok) failed.push({ name, ...second })
}

function run(name, args) {
  const start = Date.now()
  console.log(`\n── ${name}`)
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'))
  const report = join(folder, 'failures.json')
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts/failures-reporter.js')}`]
  const options = { cwd: root, stdio: 'inherit', env: { ...process.env, MILLRACE_FAILURES: report } }
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...args], options)
  const found = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { failures: [], unhandled: [] }
  rmSync(folder, { recursive: true })
  console.log(`── ${name}: ${status === 0 ? 'ok' : 'FAILED'} after ${((Date.now() - start) / 1000).toFixed(0)} s`)
  return { ok: status === 0, ...found }
}

/** Names what failed on the last lines of the output, where a reader of a long log looks first. */
function tell(heading, groups) {
  for (const { name, failures, unhandled } of groups) {
    console.error(`\n${heading}: ${name}`)
    for (const { file, name: test, error } of failures) console.error(`  ${file} > ${test}\n    ${error}`)
    for (const error of unhandled) console.error(`  outside any test: ${error}`)
  }
}

function onPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.some((name) => folders.some((folder) => existsSync(join(folder, name))))
}

function need(what, present, how) {
  if (present) return
  console.log(`NOT RUN: ${what}. To get it: ${how}`)
  if (inCi) failed.push({ name: `missing: ${what}`, failures: [], unhandled: [] })
}
