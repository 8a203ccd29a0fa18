// Processor time of a segment against ffmpeg: one long run over the same input, and a program started for each segment; same ladder and preset.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { demuxTs, openMediaEngine, TsMuxer, WholeSegments } from '@millrace/media'
import { DEFAULT_LADDER } from '@millrace/wire'
import { bound, cpuSeconds, spread, summary, table } from '../measure.js'
import { byEngine, makeInput, measureQuality, PAIRS, plain } from '../transcoding.js'

const ONE_RUN = 'ffmpeg, one run'
const EACH = 'ffmpeg, started for each segment'
const OURS = 'node-av engine'
const LIVE = 'node-av engine, live segments'
/** What publishers send most. */
const SOURCE = { size: '1920x1080', rate: '6M' }
/** Against one run, and against one for each segment. */
const BOUNDS = { veryfast: [1.05, 0.85], medium: [1.05, 1] }

export async function bench({ quick, ffmpeg }) {
  if (!ffmpeg) {
    console.log('NOT RUN: transcoding against plain ffmpeg. To get it: apt-get install ffmpeg')
    return
  }
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const seconds = quick ? 4 : 8
  try {
    const { input, paths, segments } = await makeInput(ffmpeg, folder, seconds, SOURCE)
    for (const preset of quick ? ['veryfast'] : ['veryfast', 'medium']) {
      const { engine } = await openMediaEngine({ engine: 'node-av', preset, spare: false }, { log: silentLog })
      try {
        const contenders = {
          [ONE_RUN]: () => plain(ffmpeg, folder, input, preset),
          [EACH]: () => oneForEach(ffmpeg, folder, paths, preset),
          [OURS]: () => byEngine(engine, segments, preset),
          [LIVE]: () => byEngineLive(engine, segments, preset),
        }
        await compare(contenders, { preset, segments, ffmpeg, folder, input, seconds })
      } finally {
        await engine.close()
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function compare(contenders, { preset, segments, ffmpeg, folder, input, seconds }) {
  const cpu = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  const quality = []
  for (let round = 0; round < PAIRS; round++)
    for (const [name, run] of Object.entries(contenders)) {
      const result = await run()
      cpu[name].push(result.cpu / segments.length)
      console.log(`  ${preset}, round ${round + 1} of ${PAIRS}, ${name}: ${cpu[name].at(-1).toFixed(2)} s a segment`)
      if (round === 0)
        quality.push([name, ...(await measureQuality(ffmpeg, folder, input, result.renditions, seconds))])
    }
  const against = (name, other) => cpu[name].map((value, i) => value / cpu[other][i])
  table(
    [`${preset}, one 2 s segment of 1080p30`, 'processor seconds', `against ${ONE_RUN}`, `against ${EACH}`],
    Object.keys(contenders).map((name) => [
      name,
      spread(cpu[name]),
      spread(against(name, ONE_RUN)),
      spread(against(name, EACH)),
    ]),
  )
  table([`${preset}, kbit/s · SSIM`, ...DEFAULT_LADDER.map((profile) => profile.name)], quality)
  const [long, each] = BOUNDS[preset]
  bound(`${preset}: ${OURS} against ${ONE_RUN}`, summary(against(OURS, ONE_RUN)).median, long, 'times')
  bound(`${preset}: ${OURS} against ${EACH}`, summary(against(OURS, EACH)).median, each, 'times')
}

/** The program is started anew for each segment, as a node does that has no engine of its own. */
async function oneForEach(ffmpeg, folder, paths, preset) {
  let cpu = 0
  const renditions = DEFAULT_LADDER.map(() => [])
  for (const path of paths) {
    const result = await plain(ffmpeg, folder, path, preset)
    cpu += result.cpu
    for (const [i, bytes] of result.renditions.entries()) renditions[i].push(bytes)
  }
  return { cpu, renditions: renditions.map((parts) => Buffer.concat(parts)) }
}

async function byEngineLive(engine, segments, preset) {
  const session = new WholeSegments(await engine.open({ profiles: DEFAULT_LADDER, preset }))
  try {
    const renditions = DEFAULT_LADDER.map(() => [])
    const before = cpuSeconds(process.pid)
    for (const [seq, data] of segments.entries()) {
      const made = await session.transcodeLive({ seq, chunks: pesOf(data) }, { part: () => {} })
      for (const [i, { data: bytes }] of made.renditions.entries()) renditions[i].push(bytes)
    }
    const cpu = cpuSeconds(process.pid) - before
    return { cpu, renditions: renditions.map((parts) => Buffer.concat(parts)) }
  } finally {
    await session.close()
  }
}

async function* pesOf(data) {
  const out = []
  const muxer = new TsMuxer({ write: (bytes) => out.push(bytes) })
  for (const frame of demuxTs(data).frames) muxer.frame(frame)
  muxer.flush()
  yield* out
}
