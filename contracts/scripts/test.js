#!/usr/bin/env node
// Runs the Solidity tests and prints a summary; --long takes the long fuzz and invariant runs, other arguments
// go to forge, e.g. --match-path 'contracts/test/TicketBroker/*'.
import { fileURLToPath } from 'node:url'
import { forge } from './forge.js'

/** Runs forge test; returns the suites and tests that ran and what failed. */
export function runForgeTests({ args = [], long = false } = {}) {
  const began = Date.now()
  const run = forge(['test', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...(long ? { env: { FOUNDRY_PROFILE: 'long' } } : {}),
  })
  const json = run.stdout?.split('\n').find((line) => line.startsWith('{'))
  // Without results the sources did not compile, or forge did not start.
  if (!json) throw new Error(`forge test gave no results: ${run.error?.message ?? run.stderr}${run.stdout ?? ''}`)

  const suites = Object.entries(JSON.parse(json))
  const tests = suites.flatMap(([suite, { test_results }]) =>
    Object.entries(test_results).map(([name, { status, reason }]) => ({ suite, name, status, reason })),
  )
  return {
    suites: suites.length,
    tests: tests.length,
    failures: tests
      .filter(({ status }) => status !== 'Success')
      .map(({ suite, name, reason }) => `${suite.replace(/^contracts\/test\//, '')} ${name}: ${reason ?? 'failed'}`),
    seconds: (Date.now() - began) / 1000,
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2)
  const { suites, tests, failures, seconds } = runForgeTests({
    args: args.filter((arg) => arg !== '--long'),
    long: args.includes('--long'),
  })
  for (const failure of failures) console.log(`FAILED ${failure}`)
  console.log(`${tests} Solidity tests in ${suites} files, ${failures.length} failed, ${seconds.toFixed(1)} s`)
  process.exitCode = failures.length > 0 || tests === 0 ? 1 : 0
}
