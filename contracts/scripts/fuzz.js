#!/usr/bin/env node
// Tries the invariants with random actions, a million unless told otherwise, and prints each as it is done:
//   node contracts/scripts/fuzz.js [actions]
import { forge } from './forge.js'

const wanted = Number(process.argv[2] ?? 1_000_000)
if (!Number.isSafeInteger(wanted) || wanted < 1) {
  process.stderr.write(`fuzz: the number of actions must be a whole number above 0, not ${process.argv[2]}\n`)
  process.exit(1)
}
const DEPTH = 100
const path = 'contracts/test/invariants/*'

const suites = Object.entries(json(['--list'])).flatMap(([file, contracts]) =>
  Object.entries(contracts).map(([contract, tests]) => ({ file, contract, tests })),
)
const invariants = suites.flatMap(({ contract, tests }) =>
  tests.filter((name) => name.startsWith('invariant_')).map((name) => ({ contract, name })),
)
const runs = Math.ceil(wanted / DEPTH / invariants.length)
process.stdout.write(`${invariants.length} invariants, ${runs} runs of ${DEPTH} actions each\n`)

const began = Date.now()
let actions = 0
let failed = 0
for (const { contract, name } of invariants) {
  const results = json(['--match-contract', `^${contract}$`, '--match-test', `^${name}\\(`], {
    FOUNDRY_INVARIANT_RUNS: String(runs),
    FOUNDRY_INVARIANT_DEPTH: String(DEPTH),
  })
  const [{ status, reason, kind, counterexample }] = Object.values(results).flatMap(({ test_results }) =>
    Object.values(test_results),
  )
  actions += kind.Invariant.calls
  const passed = status === 'Success'
  if (!passed) failed++
  const minutes = ((Date.now() - began) / 60_000).toFixed(1)
  process.stdout.write(`${passed ? 'holds ' : 'FAILED'} ${minutes} min  ${contract} ${name.replaceAll('_', ' ')}\n`)
  if (!passed) process.stdout.write(`${reason ?? ''}\n${JSON.stringify(counterexample, null, 1)}\n`)
}
process.stdout.write(`${actions} actions, ${failed} of ${invariants.length} invariants failed\n`)
process.exitCode = failed > 0 || actions < wanted ? 1 : 0

function json(args, env = {}) {
  const { stdout } = forge(['test', '--json', '--match-path', path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env,
  })
  const line = stdout?.split('\n').find((text) => text.startsWith('{'))
  if (!line) throw new Error(`forge test gave no results: ${stdout}`)
  return JSON.parse(line)
}
