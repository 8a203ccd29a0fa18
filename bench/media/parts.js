// How long the last picture of a part takes from its bytes at the engine to the part's bytes, with a source at the speed of a clock.
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '@millrace/base'
import { demuxTs, generatedClip, openMediaEngine, TsMuxer, WholeSegments } from '@millrace/media'
import { DEFAULT_LADDER } from '@millrace/wire'
import { bound, cpuSeconds, table } from '../measure.js'

const PRESETS = ['ultrafast', 'veryfast']

export async function bench({ quick }) {
  const clip = await generatedClip({ seconds: quick ? 6 : 20, bitrateBps: 4_000_000 }, { log: silentLog })
  const segments = await Promise.all(clip.map(async (segment) => piecesOf(await segment.read())))
  const rows = []
  for (const preset of PRESETS) {
    const { engine } = await openMediaEngine({ engine: 'node-av', preset, spare: false }, { log: silentLog })
    try {
      const { delays, cpuPerSecond } = await measure(engine, segments)
      const sorted = delays.sort((a, b) => a - b)
      const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]
      rows.push([
        preset,
        sorted.length,
        ...[at(0.5), at(0.95), sorted.at(-1)].map((ms) => ms.toFixed(1)),
        cpuPerSecond.toFixed(2),
      ])
      bound(`last byte of a part's last picture in to its bytes out, 720p, ${preset}, p95`, at(0.95), 40, 'ms')
    } finally {
      await engine.close()
    }
  }
  table(
    ['parts of 200 ms of 720p30, default ladder', 'parts', 'median ms', 'p95', 'most', 'processor seconds a second'],
    rows,
  )
}

/** The pictures of a segment as whole PES packets, with their times in milliseconds from its start. */
function piecesOf(data) {
  const frames = demuxTs(data).frames.filter(({ kind }) => kind === 'video')
  const pieces = []
  let bytes = []
  const muxer = new TsMuxer({ write: (part) => bytes.push(part) })
  for (const frame of frames) {
    muxer.frame(frame)
    pieces.push({ pts: frame.pts, bytes: Buffer.concat(bytes) })
    bytes = []
  }
  return pieces
}

async function measure(engine, segments) {
  const session = new WholeSegments(await engine.open({ profiles: DEFAULT_LADDER }))
  const given = new Map()
  const delays = []
  const first = segments[0][0].pts
  let began
  let cpuBefore = 0
  const part = ({ pts, durationMs, seq }) => {
    // The part's last picture is the one before the time at which it ends.
    const end = pts + durationMs * 90 - 1_500
    const last = [...given.keys()].filter((at) => at <= end).at(-1)
    if (seq > 0 && last !== undefined) delays.push(performance.now() - given.get(last))
  }
  try {
    for (const [seq, pieces] of segments.entries()) {
      async function* chunks() {
        for (const { pts, bytes } of pieces) {
          // The first segment starts the encoders and is not counted.
          if (seq > 0) {
            if (began === undefined) {
              began = performance.now() - (pts - first) / 90
              cpuBefore = cpuSeconds(process.pid)
            }
            await sleep(Math.max(0, began + (pts - first) / 90 - performance.now()))
          }
          given.set(pts, performance.now())
          yield bytes
        }
      }
      await session.transcodeLive({ seq, chunks: chunks() }, { part })
      given.clear()
    }
    const seconds = (segments.length - 1) * 2
    return { delays, cpuPerSecond: (cpuSeconds(process.pid) - cpuBefore) / seconds }
  } finally {
    await session.close()
  }
}
