#!/usr/bin/env node
// Runs Millrace with go-livepeer: gateway with orchestrator and worker with orchestrator, either way round, off chain and on the
// embedded chain. The program is named by LIVEPEER_BIN; without it prints NOT RUN and what would be run.
//   --only NAMES    only these pairings, with commas between them: gateway-offchain, worker-onchain, …
//   --segments N    segments pushed through each, 10 when left out
//   --record        note date, version and results in docs/compatibility.md
//   --json          the results as JSON on the last line
import { spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PAIRINGS, processesOf } from './interop/pairings.js'
import { scriptOptions } from './script-options.js'

const { values, fail } = scriptOptions(import.meta.url, {
  only: { type: 'string' },
  segments: { type: 'string', default: '10' },
  record: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
})
const names = values.only?.split(',') ?? PAIRINGS.map(({ name }) => name)
const unknown = names.filter((name) => !PAIRINGS.some((pairing) => pairing.name === name))
if (unknown.length > 0)
  fail(`there is no pairing ${unknown.join(', ')}: choose of ${PAIRINGS.map(({ name }) => name).join(', ')}`)
const segments = Number(values.segments)
if (!Number.isInteger(segments) || segments < 1)
  fail(`--segments must be a whole number from 1, not ${values.segments}`)
const pairings = PAIRINGS.filter(({ name }) => names.includes(name))

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const ours = [process.execPath, join(root, 'apps/cli/bin/millrace.js')]

if (!process.env.LIVEPEER_BIN) {
  console.log('NOT RUN: Millrace with go-livepeer. To get it: LIVEPEER_BIN=/path/to/livepeer npm run test:interop\n')
  console.log('It would run, with free ports, in this order and without RPC in the off-chain pairings:')
  const at = {
    ...{ service: '127.0.0.1:8935', orchestratorCli: '127.0.0.1:7935', http: '127.0.0.1:9935', rtmp: '127.0.0.1:1935' },
    ...{ gatewayCli: '127.0.0.1:5935', workerCli: '127.0.0.1:6935' },
  }
  const account = (name) => [
    ...['-network', 'interop', '-ethUrl', 'CHAIN', '-ethController', 'CONTROLLER'],
    ...['-ethAcctAddr', `ADDRESS-OF-${name}`, '-ethPassword', 'PASSWORD', '-ethKeystorePath', 'KEYS'],
  ]
  for (const pairing of pairings) {
    console.log(`\n${pairing.name}: ${pairing.what}, ${pairing.onChain ? 'on the embedded chain' : 'off chain'}`)
    for (const { by, args } of processesOf(pairing, { at, folder: (name) => name, account }))
      console.log(`  ${by === 'ours' ? 'millrace' : '$LIVEPEER_BIN'} ${args.map(quoted).join(' ')}`)
  }
  process.exit(process.env.CI ? 1 : 0)
}

const program = resolve(process.env.LIVEPEER_BIN)
try {
  accessSync(program, constants.X_OK)
} catch {
  fail(`LIVEPEER_BIN names ${program}, which is no program that can be run here`)
}
const built = spawnSync(process.execPath, [join(root, 'scripts/build.js'), '--quiet'], { stdio: 'inherit' })
if (built.status !== 0) process.exit(1)
const told = spawnSync(program, ['-version'], { encoding: 'utf8', timeout: 20_000 })
const version = /Livepeer Node Version:\s*(\S+)/.exec(`${told.stdout}${told.stderr}`)?.[1] ?? 'unknown'

const { runPairing } = await import('./interop/run-pairing.js')
const { makeTestClip } = await import('@millrace/media/testing')
const clip = await makeTestClip({ seconds: 2 * Math.min(segments, 4), width: 640, height: 360, fps: 30 })
console.log(`Millrace with ${program}, which calls itself ${version}; ${segments} segments of 2 s through each pairing`)
const results = []
for (const pairing of pairings) {
  const { name, what } = pairing
  try {
    const { tickets, received, renditions, seconds } = await runPairing(pairing, { program, ours, clip, segments })
    const paid = pairing.onChain ? `, tickets: ${tickets || 'unknown'} sent, ${received ?? 'unknown'} taken` : ''
    console.log(
      `  ok      ${name}: ${what}; ${segments} segments in, ${renditions} renditions out in ${seconds.toFixed(1)} s${paid}`,
    )
    results.push({ name, ok: true, tickets, received })
  } catch (error) {
    console.log(`  FAILED  ${name}: ${what}\n${String(error.message).replace(/^/gm, '    ')}`)
    results.push({ name, ok: false })
  }
}
const failed = results.filter(({ ok }) => !ok).length
console.log(
  `${new Date().toISOString().slice(0, 10)}: ${results.length - failed} of ${results.length} pairings with ${version} passed, Node ${process.versions.node}, ${cpus()[0]?.model}`,
)
if (values.record) record()
if (values.json) console.log(JSON.stringify({ version, results }))
process.exit(failed > 0 ? 1 : 0)

/** The runs stand in a file from which the page is made. */
function record() {
  if (version.includes('millrace')) fail('only runs with go-livepeer are noted, and this program calls itself Millrace')
  const path = join(root, 'test/compatibility/runs.json')
  const of = (wanted) => results.filter(({ ok }) => ok === wanted).map(({ name }) => name)
  const run = { date: new Date().toISOString().slice(0, 10), version, passed: of(true), failed: of(false) }
  writeFileSync(path, `${JSON.stringify([...JSON.parse(readFileSync(path, 'utf8')), run], null, 2)}\n`)
  spawnSync('npm', ['run', 'compatibility'], { cwd: root, stdio: 'inherit' })
}

function quoted(word) {
  return /[\s']/.test(word) ? `'${word}'` : word
}
