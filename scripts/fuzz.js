#!/usr/bin/env node
// Hands damaged and random bytes to every door of a node: messages, headers, gRPC frames, RTMP, media, files, parameters.
// What breaks one is printed with its seed and kept under test/fuzz/corpus, which `npm test` replays.
//   --minutes N   how long, 10 when left out; all doors take turns
//   --seed N      the same inputs again (one that is printed when left out)
//   --only TEXT   only doors whose name holds the text, for example message-Payment or rtmp
//   --json        the counts as JSON on the last line
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { scriptOptions } from './script-options.js'

const { values, fail } = scriptOptions(import.meta.url, {
  minutes: { type: 'string', default: '10' },
  seed: { type: 'string' },
  only: { type: 'string' },
  json: { type: 'boolean', default: false },
})
const minutes = Number(values.minutes)
if (!(minutes > 0)) fail(`--minutes must be a number above 0, not ${values.minutes}`)
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed)
if (!Number.isInteger(seed) || seed < 0) fail(`--seed must be a whole number, not ${values.seed}`)

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), 'millrace-fuzz-'))
const report = join(folder, 'report.json')
const request = { ms: Math.round(minutes * 60_000), seed, report, ...(values.only && { only: values.only }) }
console.log(`fuzzing for ${minutes} min, --seed ${seed}`)
const began = Date.now()
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    'test/fuzz/fuzz.test.ts',
    '--reporter=dot',
    '--disable-console-intercept',
  ],
  { cwd: root, env: { ...process.env, MILLRACE_FUZZ: JSON.stringify(request) }, stdio: 'inherit' },
)
let result
try {
  result = JSON.parse(readFileSync(report, 'utf8'))
} catch {
  fail('the run ended before its time; what it was given last is kept under test/fuzz/corpus when it hung')
} finally {
  rmSync(folder, { recursive: true, force: true })
}

const rows = Object.entries(result.counts)
const width = Math.max(...rows.map(([name]) => name.length))
const total = { cases: 0, taken: 0, refused: 0 }
for (const [name, { cases, taken, refused }] of rows) {
  console.log(`  ${name.padEnd(width)}  ${String(cases).padStart(10)} inputs, ${taken} taken, ${refused} refused`)
  total.cases += cases
  total.taken += taken
  total.refused += refused
}
console.log(
  `${new Date().toISOString().slice(0, 10)}: ${total.cases} inputs in ${Math.round((Date.now() - began) / 1000)} s, ${total.taken} taken, ${total.refused} refused, ${result.faults.length} faults, --seed ${seed}, Node ${process.versions.node}, ${cpus()[0]?.model}`,
)
for (const { target, why, hex } of result.faults)
  console.log(`BROKEN ${target}: ${why.split('\n')[0]}\n  ${hex.slice(0, 400)}`)
if (values.json) console.log(JSON.stringify({ seed, minutes, ...total, ...result }))
process.exit(status === 0 && result.faults.length === 0 ? 0 : 1)
