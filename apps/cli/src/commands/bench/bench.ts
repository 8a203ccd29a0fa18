import { writeFile } from 'node:fs/promises'
import { silentLog } from '@millrace/base'
import { diskError } from '@millrace/base/node'
import {
  type BenchSegment,
  clipOf,
  generatedClip,
  type Measured,
  type MediaEngine,
  measureCapacity,
  openMediaEngine,
  REAL_TIME_RATIO,
  transcodeSideBySide,
} from '@millrace/media'
import { BENCH_HELP, type BenchRequest, readBenchFlags } from './bench-flags.ts'
import { CSV_HEADER, csvLine, digits, frame, Totals } from './bench-text.ts'

/** So that sessions of a live run do not all begin a segment at the same moment, as in livepeer_bench. */
const STAGGER_MS = 300
const GENERATED = { width: 1280, height: 720, fps: 30, seconds: 10 }

/** Where a measurement is told: lines of figures, and what is said about them. */
export type BenchIo = { out(text: string): unknown; err(text: string): unknown }

/** `millrace bench`: what transcoding a clip in several sessions at once takes, in the columns of livepeer_bench. */
export async function runBench(args: readonly string[], io: BenchIo): Promise<void> {
  const request = readBenchFlags(args)
  if (!request) return void io.out(BENCH_HELP)
  const { preset, engine: name, concurrentSessions, live, segs } = request
  const { engine, why } = await openMediaEngine(
    { engine: name, ...(preset !== undefined && { preset }), spare: false },
    { log: silentLog },
  )
  try {
    const all = await clip(request)
    const segments = segs > 0 ? all.slice(0, segs) : all
    io.err(
      frame([
        ['Source File', request.in ?? 'a moving picture, 1280x720 at 30'],
        ['Transcoding Options', request.transcodingOptions],
        ['Concurrent Sessions', String(concurrentSessions)],
        ['Live Mode', String(concurrentSessions !== 'auto' && live)],
        ['Engine', why],
      ]),
    )
    io.out(`${CSV_HEADER}\n`)
    if (concurrentSessions === 'auto') await findCapacity(segments[0]!, request, engine, io)
    else await measure(segments, { ...request, concurrentSessions }, engine, io)
  } finally {
    await engine.close()
  }
}

const clip = ({ in: path, engine }: BenchRequest): Promise<readonly BenchSegment[]> =>
  path === undefined ? generatedClip({ ...GENERATED, engine }, { log: silentLog }) : clipOf(path, { log: silentLog })

async function measure(
  segments: readonly BenchSegment[],
  request: BenchRequest & { readonly concurrentSessions: number },
  engine: MediaEngine,
  io: BenchIo,
): Promise<void> {
  const { concurrentSessions: sessions, profiles, live, outPrefix } = request
  const totals = new Totals()
  const onSegment = async (measured: Measured) => {
    io.out(`${csvLine(measured)}\n`)
    totals.add(measured)
    if (outPrefix !== undefined) await write(measured, outPrefix, request)
  }
  await transcodeSideBySide({ sessions, segments, profiles, live, staggerMs: STAGGER_MS }, { engine, onSegment })
  io.err(frame(totals.rows(sessions)))
}

async function findCapacity(
  segment: BenchSegment,
  { profiles }: BenchRequest,
  engine: MediaEngine,
  io: BenchIo,
): Promise<void> {
  const { sessions, ratio, bound, steps, elapsedMs } = await measureCapacity(
    { clip: segment, profiles },
    { engine, onSegment: (measured) => io.out(`${csvLine(measured)}\n`) },
  )
  io.err(
    frame([
      ...steps.map((step) => [`Ratio With ${step.sessions}`, digits(step.ratio)] as const),
      ['Concurrent Sessions', String(sessions)],
      ['* Real-Time Duration Ratio *', `${digits(ratio)} (${REAL_TIME_RATIO} at most)`],
      ['Bound By', bound],
      ['Measured For', `${digits(elapsedMs / 1000)}s`],
    ]),
  )
}

async function write({ renditions, session, segment }: Measured, prefix: string, { profiles }: BenchRequest) {
  for (const [n, { data }] of renditions.entries()) {
    const { name, format } = profiles[n]!
    const path = `${prefix}_${name}_${n}_${session}_${segment}.${format === 'mp4' ? 'mp4' : 'ts'}`
    await writeFile(path, data).catch((cause) => {
      throw diskError(cause, path)
    })
  }
}
