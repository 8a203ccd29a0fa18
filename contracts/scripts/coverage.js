#!/usr/bin/env node
// Measures what the Solidity tests reach of contracts/src, and lists what they do not, with the reason:
//   node contracts/scripts/coverage.js
// Exits 1 if something is not reached and test/uncovered.json gives no reason, or gives one for something reached.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { forge, repositoryRoot } from './forge.js'

const home = fileURLToPath(new URL('..', import.meta.url))
const reasons = JSON.parse(readFileSync(join(home, 'test/uncovered.json'), 'utf8'))
const scratch = mkdtempSync(join(tmpdir(), 'millrace-coverage-'))

try {
  // Coverage compiles everything without the optimizer; a second profile would count every line twice.
  const config = readFileSync(join(home, 'foundry.toml'), 'utf8').replace(
    /^(additional_compiler|compilation_)\w+ = .*\n/gm,
    '',
  )
  writeFileSync(join(scratch, 'foundry.toml'), config)
  const report = join(scratch, 'lcov.info')
  process.stdout.write('compiling without the optimizer and running the tests, about two minutes\n')
  const run = forge(
    [
      'coverage',
      ...['--report', 'lcov', '--report-file', report, '--no-match-path', 'contracts/test/{simulation,invariants}/*'],
      ...['--out', join(scratch, 'out'), '--cache-path', join(scratch, 'cache')],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { FOUNDRY_CONFIG: join(scratch, 'foundry.toml') } },
  )
  if (run.status !== 0) throw new Error(`forge coverage failed: ${run.stderr}`)

  const files = parse(readFileSync(report, 'utf8')).filter(({ file }) => file.startsWith('contracts/src/'))
  const totals = { lines: [0, 0], branches: [0, 0] }
  const missed = []
  for (const { file, lines, branches } of files) {
    const source = readFileSync(join(repositoryRoot, file), 'utf8').split('\n')
    for (const [kind, entries] of Object.entries({ lines, branches })) {
      for (const [line, hits] of entries) {
        totals[kind][1]++
        if (hits > 0) totals[kind][0]++
        else missed.push({ what: `${file.slice('contracts/src/'.length)}: ${source[line - 1].trim()}`, line, kind })
      }
    }
  }

  const unexplained = missed.filter(({ what }) => !reasons[what])
  for (const { what, line, kind } of missed) {
    process.stdout.write(
      `${kind === 'lines' ? 'line' : 'branch'} ${line} not reached: ${what}\n    ${reasons[what] ?? 'NO REASON GIVEN'}\n`,
    )
  }
  const stale = Object.keys(reasons).filter((reason) => !missed.some(({ what }) => what === reason))
  for (const reason of stale) process.stdout.write(`reached, but test/uncovered.json excuses it: ${reason}\n`)
  const percent = ([hit, all]) => `${hit} of ${all} (${((100 * hit) / all).toFixed(2)} %)`
  process.stdout.write(`${files.length} files, lines ${percent(totals.lines)}, branches ${percent(totals.branches)}\n`)
  process.exitCode = unexplained.length > 0 || stale.length > 0 ? 1 : 0
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** The lines and branches of each file with how often they were reached. */
function parse(lcov) {
  return lcov
    .split('end_of_record')
    .filter((record) => record.includes('SF:'))
    .map((record) => ({
      file: /SF:(.*)/.exec(record)[1],
      lines: [...record.matchAll(/^DA:(\d+),(\d+)/gm)].map(([, line, hits]) => [Number(line), Number(hits)]),
      branches: [...record.matchAll(/^BRDA:(\d+),\d+,\d+,(\d+|-)/gm)].map(([, line, hits]) => [
        Number(line),
        hits === '-' ? 0 : Number(hits),
      ]),
    }))
}
