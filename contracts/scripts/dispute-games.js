#!/usr/bin/env node
// Plays disputes with random colluders on the real contracts and prints who was slashed:
//   node contracts/scripts/dispute-games.js [games of each kind, 2000 if left out]
import { forge } from './forge.js'

const games = process.argv[2] ?? '2000'
if (!/^[1-9]\d*$/.test(games)) {
  process.stderr.write(`dispute-games: the number of games must be a whole number above 0, not ${games}\n`)
  process.exit(1)
}
process.stdout.write(`playing 2 x ${games} disputes, about ${Math.ceil(Number(games) / 30)} s\n`)
const run = forge(['test', '-vv', '--match-path', 'contracts/test/simulation/*'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  encoding: 'utf8',
  env: { DISPUTE_GAMES: games },
})
const lines = run.stdout.split('\n').filter((line) => /^(\[| {2})/.test(line))
process.stdout.write(`${lines.map((line) => line.replace(/ \(gas: \d+\)/, '').replaceAll('_', ' ')).join('\n')}\n`)
process.exitCode = run.status ?? 1
