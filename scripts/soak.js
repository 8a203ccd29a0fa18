#!/usr/bin/env node
// Streams for a long time through a paid network of processes, and looks at what grows: memory, descriptors, delays of the gateway's event loop.
//   --minutes N   how long, 30 when left out
//   --streams N   how many at once, 4 when left out; one of them is the built-in picture, the others come by RTMP from the ffmpeg program
//   --json        the figures as JSON on the last line
// Its dated result belongs into docs/test-results.md. Linux only, because memory and descriptors come from /proc.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { onPath, residentOnceBytes, table } from '../bench/measure.js'
import { scriptOptions } from './script-options.js'

const { values, fail } = scriptOptions(import.meta.url, {
  minutes: { type: 'string', default: '30' },
  streams: { type: 'string', default: '4' },
  json: { type: 'boolean', default: false },
})
const minutes = Number(values.minutes)
const streams = Number(values.streams)
if (!(minutes > 0)) fail(`--minutes must be a number above 0, not ${values.minutes}`)
if (!(Number.isInteger(streams) && streams > 0)) fail(`--streams must be a whole number from 1, not ${values.streams}`)
const ffmpeg = onPath('ffmpeg')
if (streams > 1 && !ffmpeg) {
  console.log('NOT RUN: publishers by RTMP. To get them: apt-get install ffmpeg')
  process.exit(process.env.CI ? 1 : 0)
}

const ROLES = ['gateway', 'orchestrator-1', 'orchestrator-2', 'worker-1', 'worker-2']
/** What is warm grows no more: the slope is taken from this part of the time on. */
const WARM = 1 / 3
/** Megabytes an hour; a leak of one small object a segment shows above it. */
const MOST_MB_AN_HOUR = { gateway: 60, 'orchestrator-1': 60, 'orchestrator-2': 60, 'worker-1': 240, 'worker-2': 240 }
const MOST_LOOP_DELAY_MS = 50

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const built = spawnSync(process.execPath, [join(root, 'scripts/build.js'), '--quiet'], { stdio: 'inherit' })
if (built.status !== 0) process.exit(1)
const { silentLog } = await import('@millrace/base')
const { freeNetworkPorts, Network } = await import('@millrace/devnet')
const { DEFAULT_LADDER } = await import('@millrace/wire')

const folder = mkdtempSync(join(tmpdir(), 'millrace-soak-'))
const ports = await freeNetworkPorts()
const network = await Network.start(
  {
    dataFolder: folder,
    ports,
    processes: { program: join(root, 'apps/cli/bin/millrace.js') },
    source: { kind: 'generated', name: 'stream-0', width: 640, height: 360, bitrateBps: 1_000_000 },
    ladder: DEFAULT_LADDER.slice(3),
    preset: 'ultrafast',
    monitor: {},
  },
  { log: silentLog },
)
const publishers = publish()
let status = 1
try {
  status = await watch()
} finally {
  for (const publisher of publishers) publisher.kill('SIGKILL')
  await network.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit(status)

/** Copies a clip round and round, which costs next to nothing. */
function publish() {
  if (streams < 2) return []
  const clip = join(folder, 'clip.flv')
  const made = spawnSync(ffmpeg, [
    ...[
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=640x360:rate=30',
      '-f',
      'lavfi',
      '-i',
      'sine=sample_rate=48000',
    ],
    ...['-t', '20', '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-b:v', '1M', '-g', '60'],
    ...['-pix_fmt', 'yuv420p', '-c:a', 'aac', clip],
  ])
  if (made.status !== 0) throw new Error(`the clip could not be made: ${made.stderr}`)
  return Array.from({ length: streams - 1 }, (_, i) =>
    spawn(
      ffmpeg,
      [
        '-v',
        'error',
        '-re',
        '-stream_loop',
        '-1',
        '-i',
        clip,
        '-c',
        'copy',
        '-f',
        'flv',
        `rtmp://127.0.0.1:${ports.rtmp}/live/stream-${i + 1}`,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    ),
  )
}

async function watch() {
  const began = Date.now()
  const samples = []
  const childrenSeen = new Set()
  const delays = []
  for (let next = began; Date.now() - began < minutes * 60_000; next += 10_000) {
    await sleep(Math.max(0, next + 10_000 - Date.now()))
    const sample = { atMs: Date.now() - began, roles: {} }
    for (const name of ROLES) {
      const pid = network.pid(name)
      if (pid === undefined) throw new Error(`${name} is gone`)
      sample.roles[name] = { mb: residentOnceBytes(pid) / 1e6, own: ownMegabytes(pid), descriptors: descriptors(pid) }
      if (name.startsWith('worker')) for (const child of children(pid)) childrenSeen.add(child)
    }
    samples.push(sample)
    delays.push(await loopDelayMs())
    if (samples.length % 6 === 0) {
      const { segmentsOut, fallback, missing } = network.hub.view().totals
      const parts = ROLES.map((name) => `${name} ${sample.roles[name].mb.toFixed(0)} MB`).join(', ')
      console.log(
        `  ${(sample.atMs / 60_000).toFixed(0)} min: ${segmentsOut} segments, ${fallback} fallback, ${missing} missing; ${parts}`,
      )
    }
  }
  return report(samples, childrenSeen.size, delays)
}

function report(samples, processes, delays) {
  const warm = samples.filter(({ atMs }) => atMs >= WARM * minutes * 60_000)
  const rows = ROLES.map((name) => {
    const of = (what) => warm.map(({ atMs, roles }) => [atMs, roles[name][what]])
    const slope = slopeAnHour(of('mb'))
    return { name, from: warm[0].roles[name], to: warm.at(-1).roles[name], slope, ownSlope: slopeAnHour(of('own')) }
  })
  const { segmentsIn, segmentsOut, fallback, missing, paid } = network.hub.view().totals
  const sorted = delays.sort((a, b) => a - b)
  const delay = sorted[Math.floor(0.5 * sorted.length)]
  console.log(
    `\n${new Date().toISOString().slice(0, 10)}: ${streams} streams for ${minutes} min, ${cpus().length} processors (${cpus()[0]?.model.trim()}), Node ${process.versions.node}, load ${loadavg()[0].toFixed(1)}`,
  )
  table(
    [
      `from minute ${Math.round(WARM * minutes)} on`,
      'MB first',
      'MB last',
      'MB an hour',
      'of its own process',
      'descriptors',
    ],
    rows.map(({ name, from, to, slope, ownSlope }) => [
      name,
      from.mb.toFixed(0),
      to.mb.toFixed(0),
      slope.toFixed(1),
      ownSlope.toFixed(1),
      `${from.descriptors} → ${to.descriptors}`,
    ]),
  )
  console.log(
    `  ${segmentsIn} segments in, ${segmentsOut} out, ${paid} paid, ${fallback} fallback, ${missing} missing; ${processes} media processes`,
  )
  console.log(
    `  event loop of the gateway, p99 of each ten seconds: median ${delay.toFixed(1)} ms, worst ${sorted.at(-1).toFixed(1)} ms`,
  )
  const faults = []
  for (const { name, from, to, slope } of rows) {
    // A short run says little about a slope.
    if (minutes >= 10 && slope > MOST_MB_AN_HOUR[name]) faults.push(`${name} grows by ${slope.toFixed(0)} MB an hour`)
    if (to.descriptors > from.descriptors + 20) faults.push(`${name} keeps descriptors open`)
  }
  if (missing > 0) faults.push(`${missing} segments are missing`)
  if (delay > MOST_LOOP_DELAY_MS) faults.push(`the gateway's event loop is late by ${delay.toFixed(0)} ms`)
  if (values.json)
    console.log(
      JSON.stringify({ rows, segmentsIn, segmentsOut, paid, fallback, missing, processes, loopDelayMs: delay }),
    )
  console.log(faults.length > 0 ? `FAILED: ${faults.join('; ')}` : '  nothing grows')
  return faults.length > 0 ? 1 : 0
}

/** Least squares. */
function slopeAnHour(points) {
  const n = points.length
  const mean = (i) => points.reduce((sum, point) => sum + point[i], 0) / n
  const [x, y] = [mean(0), mean(1)]
  const over = points.reduce((sum, [at, mb]) => sum + (at - x) * (mb - y), 0)
  const under = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0)
  return under === 0 ? 0 : (over / under) * 3_600_000
}

function ownMegabytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1_000
}

function descriptors(pid) {
  return readdirSync(`/proc/${pid}/fd`).length
}

function children(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
  } catch {
    return []
  }
}

/** The p99 that Node reckons since it was asked last. */
async function loopDelayMs() {
  // A connection that is kept may be closed just when it is used again.
  const ask = async () => (await fetch(`http://127.0.0.1:${ports.gatewayCli}/metrics`)).text()
  const text = await ask().catch(ask)
  const seconds = Number(/^nodejs_eventloop_lag_p99_seconds\S* (\S+)/m.exec(text)?.[1])
  if (!Number.isFinite(seconds)) throw new Error('the gateway tells no delay of its event loop')
  return seconds * 1_000
}
