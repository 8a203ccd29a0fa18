#!/usr/bin/env node
// Runs the long forms of the network tests: 60 segments in both process forms, a minute of 1080p over RTMP, every fault. Takes about an hour.
// Files named behind it (`npm run test:network -- bad-links`) are run alone. Its dated result belongs into docs/test-results.md.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const began = Date.now()
const env = {
  ...process.env,
  MILLRACE_NETWORK_SEGMENTS: process.env.MILLRACE_NETWORK_SEGMENTS ?? '60',
  MILLRACE_RTMP_SECONDS: process.env.MILLRACE_RTMP_SECONDS ?? '60',
}
const missing = []
const onPath = (name) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, name)))
for (const [program, what] of [
  ['ffmpeg', 'the silent RTMP publisher'],
  ['ffprobe', 'ffprobe over the renditions'],
])
  if (!onPath(program)) missing.push(`NOT RUN: ${what}. To get it: apt-get install ffmpeg`)
for (const line of missing) console.log(line)

await run('the build', ['scripts/build.js', '--quiet'])
// One file at a time: a minute of 1080p in real time leaves no processor for a second network.
const named = process.argv.slice(2)
const files = named.length > 0 ? named.map(fileOf) : ['test/network']
const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...files, '--maxWorkers=1', '--reporter=verbose']
const { status, output } = await run('the network tests', vitest)

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const lines = output.split('\n').filter((line) => /^ {2}\S/.test(line) && !/segments$|publishing /.test(line))
const counts = /Tests\s+(.*)/.exec(output)?.[1] ?? 'no count'
console.log(`
${new Date().toISOString().slice(0, 10)}: network tests of Millrace ${version}, long form
  ${env.MILLRACE_NETWORK_SEGMENTS} segments in each process form, ${env.MILLRACE_RTMP_SECONDS} s over RTMP
  ${cpus().length} processors (${cpus()[0]?.model}), Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)}
  tests: ${counts}
  ${Math.round((Date.now() - began) / 1000)} s in all
${lines.join('\n')}`)
for (const line of missing) console.log(line)
process.exit(status === 0 && !(process.env.CI && missing.length > 0) ? 0 : 1)

function fileOf(name) {
  const found = ['', 'faults/']
    .map((at) => `test/network/src/${at}${name}.test.ts`)
    .find((file) => existsSync(join(root, file)))
  if (found) return found
  console.error(`there is no network test ${name}`)
  process.exit(1)
}

/** Runs a script of this checkout, shows what it writes, and keeps it. */
function run(what, args) {
  console.log(`── ${what}`)
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
      process.stdout.write(chunk)
    })
    child.on('close', (status) => {
      if (status !== 0) console.error(`── ${what}: FAILED`)
      resolve({ status, output: stripVTControlCharacters(output) })
    })
  })
}
