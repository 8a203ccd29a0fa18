#!/usr/bin/env node
// Changes the contracts in small ways, one at a time, and asks the Solidity tests to notice:
//   node contracts/scripts/mutation.js [--mutants 330] [--workers 2] [--only Minter.sol] [--line 120]
// Prints each change that no test notices. Exits 1 if fewer than 95 % are noticed. Takes about an hour on two cores.
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const home = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    mutants: { type: 'string', default: '330' },
    workers: { type: 'string', default: '2' },
    only: { type: 'string' },
    line: { type: 'string' },
  },
})

/** Files to change, with the tests that ought to notice first; all others are asked only if those do not. */
const bonding = '{BondingManager,BondingVotes}'
const targets = [
  ['bonding/BondingManager.sol', bonding],
  ['bonding/BondingStorage.sol', bonding],
  ['bonding/ActiveSet.sol', bonding],
  ['bonding/Earnings.sol', bonding],
  ['bonding/EarningsPool.sol', bonding],
  ['bonding/Slashing.sol', bonding],
  ['bonding/BondingViews.sol', bonding],
  ['tickets/TicketBroker.sol', 'TicketBroker'],
  ['tickets/Senders.sol', 'TicketBroker'],
  ['tickets/Reserves.sol', 'TicketBroker'],
  ['token/Minter.sol', 'Minter'],
]

const all = targets
  .filter(([file]) => !values.only || basename(file) === values.only)
  .flatMap(([file, tests]) => mutantsOf(file).map((mutant) => ({ ...mutant, tests })))
  .filter(({ line }) => !values.line || line === Number(values.line))
const chosen = spread(all, Number(values.mutants))
const began = Date.now()
process.stdout.write(`${chosen.length} of ${all.length} possible changes\n`)

const results = { noticed: 0, invalid: 0, survived: [] }
let next = 0
let done = 0
await Promise.all(Array.from({ length: Number(values.workers) }, work))
const valid = results.noticed + results.survived.length
const part = (100 * results.noticed) / valid
for (const { file, line, before, after } of results.survived) {
  process.stdout.write(`\nsurvived: ${file}:${line}\n  - ${before.trim()}\n  + ${after.trim()}\n`)
}
process.stdout.write(
  `\n${valid} changes that compile (${results.invalid} more do not), ${results.noticed} noticed: ${part.toFixed(1)} %\n`,
)
process.exitCode = part < 95 ? 1 : 0

async function work() {
  const scratch = mkdtempSync(join(tmpdir(), 'millrace-mutation-'))
  try {
    cpSync(home, join(scratch, 'contracts'), {
      recursive: true,
      filter: (path) => !/\/(node_modules|dist|artifacts|out|cache)$/.test(path),
    })
    symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(scratch, 'node_modules'))
    // From here on a build compiles what a change touches and nothing else.
    await runForge(scratch, ['build'])
    while (next < chosen.length) {
      const mutant = chosen[next++]
      const path = join(scratch, 'contracts/src', mutant.file)
      const source = readFileSync(path, 'utf8')
      writeFileSync(path, mutant.source)
      let outcome = await outcomeOf(scratch, mutant.tests)
      if (outcome === 'survived') outcome = await outcomeOf(scratch, undefined)
      writeFileSync(path, source)

      if (outcome === 'survived') results.survived.push(mutant)
      else results[outcome]++
      done++
      const minutes = (Date.now() - began) / 60_000
      const left = (minutes / done) * (chosen.length - done)
      if (outcome === 'survived' || done % 10 === 0) {
        process.stdout.write(
          `${done} of ${chosen.length}, ${results.survived.length} survived, ${minutes.toFixed(0)} min, ${left.toFixed(0)} to go` +
            `${outcome === 'survived' ? `: ${mutant.file}:${mutant.line} ${mutant.after.trim()}` : ''}\n`,
        )
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Tells whether the tests of some contracts, or all but the long simulation, notice what was changed. */
async function outcomeOf(scratch, folders) {
  if ((await runForge(scratch, ['build'])) !== 0) return 'invalid'
  const which = folders
    ? ['--match-path', `contracts/test/${folders}/*`]
    : ['--no-match-path', 'contracts/test/simulation/*']
  return (await runForge(scratch, ['test', '--fail-fast', ...which])) === 0 ? 'survived' : 'noticed'
}

function runForge(scratch, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(scratch, 'contracts/scripts/forge.js'), ...args], {
      stdio: 'ignore',
      // A group of its own, so that forge can be ended with its launcher.
      detached: true,
      env: { ...process.env, FOUNDRY_INVARIANT_RUNS: '2' },
    })
    // A change can make a loop endless; that is noticed, too.
    const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 600_000)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve(code)
    })
  })
}

/** All small changes of a file, in the order of its lines. */
function mutantsOf(file) {
  const lines = readFileSync(join(home, 'src', file), 'utf8').split('\n')
  const swaps = [
    [/ <= /g, ' < '],
    [/ >= /g, ' > '],
    [/ < /g, ' <= '],
    [/ > /g, ' >= '],
    [/ == /g, ' != '],
    [/ != /g, ' == '],
    [/ && /g, ' || '],
    [/ \|\| /g, ' && '],
    [/ \+ /g, ' - '],
    [/ - /g, ' + '],
    [/ \+= /g, ' -= '],
    [/ -= /g, ' += '],
    [/ \* /g, ' / '],
    [/ \/ /g, ' * '],
    [/\(!/g, '('],
    [/ = 0;/g, ' = 1;'],
    [/ \+ 1\b/g, ''],
    [/ - 1\b/g, ''],
    [/\btrue\b/g, 'false'],
    [/\s+whenSystemNotPaused\b/g, ''],
    [/(?<=\)| external| public) only[A-Z]\w+/g, ''],
    [/^ {8}only[A-Z]\w+$/g, ''],
  ]
  const found = []
  let inFunction = false
  lines.forEach((text, index) => {
    if (/^ {4}(function|modifier|constructor)\b/.test(text)) inFunction = true
    if (/^ {4}}/.test(text)) inFunction = false
    if (/^\s*(\/\/|\*|import|pragma|event|error)/.test(text)) return
    const add = (after) => {
      if (after === text) return
      const source = lines.with(index, after).join('\n')
      found.push({ file, line: index + 1, before: text, after, source })
    }
    const [code] = text.split(' //')
    for (const [pattern, replacement] of swaps) {
      for (const match of code.matchAll(pattern)) {
        add(text.slice(0, match.index) + replacement + text.slice(match.index + match[0].length))
      }
    }
    if (!inFunction) return
    // A whole statement on its line: a call, an assignment, an event, a check.
    if (
      /^\s+(require|emit|assert|delete|_\w+\(|[\w.[\]]+ [-+]?= |[\w.[\]()]+\(.*\);|if \(.*\) (return|revert|\w+\())/.test(
        code,
      )
    ) {
      if (code.endsWith(';')) add(`${text.match(/^\s*/)[0]}// ${text.trim()}`)
    }
  })
  return found
}

/** `count` of the list, evenly spread, so that every file and kind of change has its share. */
function spread(list, count) {
  if (count >= list.length) return list
  return Array.from({ length: count }, (_, index) => list[Math.floor((index * list.length) / count)])
}
