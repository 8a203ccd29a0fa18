// Runs the topics of a bench one after the other, with the machine named, and ends with status 1 when a bound is missed.
import { spawnSync } from 'node:child_process'
import { cpus, loadavg, release } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { missedBounds, onPath } from './measure.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const load = () =>
  loadavg()
    .map((l) => l.toFixed(1))
    .join(' ')

const OPTIONS = ['--quick', '--only', '--help']

/** `topics` maps a name to how its module is loaded; `--quick` and `--only a,b` are read from the command line. */
export async function runTopics(title, topics) {
  const unknownOption = process.argv.slice(2).find((word) => word.startsWith('-') && !OPTIONS.includes(word))
  if (process.argv.includes('--help') || unknownOption) {
    if (unknownOption) console.error(`there is no option ${unknownOption}\n`)
    console.log(`${title}: each topic prints a table, with the machine named, and its bounds; the status is 1 when one is missed.

  --only a,b  run these topics only, of ${Object.keys(topics).join(', ')}
  --quick     run each for a shorter time
  --help      print this

What is measured and what came out stands in docs/benchmarks.md.`)
    process.exit(unknownOption ? 1 : 0)
  }
  const quick = process.argv.includes('--quick')
  const given = process.argv.indexOf('--only')
  const only = given > 0 ? (process.argv[given + 1] ?? '').split(',') : undefined
  const unknown = (only ?? []).filter((topic) => !(topic in topics))
  if (unknown.length > 0) {
    console.error(`there is no bench ${unknown.join(', ')}: choose of ${Object.keys(topics).join(', ')}`)
    process.exit(1)
  }
  if (process.platform !== 'linux') {
    console.log('NOT RUN: the benches read processor time from /proc. To get them: run them on Linux')
    process.exit(process.env.CI ? 1 : 0)
  }
  const built = spawnSync(process.execPath, [join(root, 'scripts/build.js'), '--quiet'], { stdio: 'inherit' })
  if (built.status !== 0) process.exit(1)

  const ffmpeg = onPath('ffmpeg')
  const version = ffmpeg ? spawnSync(ffmpeg, ['-version'], { encoding: 'utf8' }).stdout.split(' ')[2] : 'none'
  console.log(`${title}${quick ? ', quick' : ''}, ${new Date().toISOString().slice(0, 10)}`)
  console.log(`  ${cpus().length} processors, ${cpus()[0]?.model.trim()}, Linux ${release()}`)
  console.log(`  Node ${process.versions.node}, ffmpeg program ${version}, load ${load()}`)

  const began = Date.now()
  for (const [topic, open] of Object.entries(topics)) {
    if (only && !only.includes(topic)) continue
    const start = Date.now()
    console.log(`\n── ${topic}`)
    const { bench } = await open()
    await bench({ quick, ffmpeg, root })
    console.log(
      `── ${topic}: ${((Date.now() - start) / 1000).toFixed(0)} s, load at the end ${loadavg()[0].toFixed(1)}`,
    )
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(0)
  const missed = missedBounds()
  if (missed.length > 0) console.error(`\nMISSED after ${seconds} s: ${missed.join('; ')}`)
  else console.log(`\nall stated bounds kept, ${seconds} s`)
  process.exit(missed.length > 0 ? 1 : 0)
}
