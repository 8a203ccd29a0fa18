import { randomBytes } from 'node:crypto'
import { type Part, systemClock } from '@millrace/base'
import { cutFile, openGeneratedSource, type Segment, segmentFrames } from '@millrace/media'
import { type ManifestId, manifestId, type NodeEventBody } from '@millrace/wire'
import type { TesterConfig } from '../config/node-config.ts'
import type { SourceSegment } from '../gateway/buyer.ts'
import { LeaderboardServer } from '../tester/leaderboard-server.ts'
import { ScoreBoard } from '../tester/score-board.ts'
import { type ClipSegment, Tester, type TestStream } from '../tester/tester.ts'
import { composeBuying } from './buying.ts'
import type { Shared } from './shared.ts'

/** The clip of a tester that has none of its own. */
const GENERATED = { seconds: 8, width: 640, height: 360, fps: 30 }
const MAX_CLIP_SEGMENTS = 60

/** A tester: it buys as a gateway does, from one orchestrator at a time, and pays as a gateway does. */
export function composeTester(config: TesterConfig, shared: Shared, parts: Part[]): Tester {
  const { log, kv } = shared
  const heard = new Map<ManifestId, Extract<NodeEventBody, { type: 'segment_attempt_failed' }>>()
  const tell = (event: NodeEventBody) => {
    if (event.type === 'segment_attempt_failed') heard.set(event.manifestId, event)
    shared.tell(event)
  }
  const buying = composeBuying(config, { ...shared, tell }, parts)
  const clip = once(() => openClip(config, shared))
  const openStream = (testee: Parameters<ConstructorParameters<typeof Tester>[1]['openStream']>[0]): TestStream => {
    const id = manifestId(`test-${randomBytes(4).toString('hex')}`)
    const book = buying.openBook({ find: async () => [{ ...testee, stakeLpt: 0n }] })
    const buyer = buying.openBuyer({ manifestId: id, ladder: config.ladder, compareOneIn: 1 }, { book, maxAttempts: 1 })
    return {
      send: async (segment, options) => {
        heard.delete(id)
        const source: SourceSegment = { ...segment, manifestId: id, container: 'mpegts' }
        const result = await buyer.buy(source, options)
        if (!('lost' in result)) return { ok: true }
        const failed = heard.get(id)
        return failed
          ? { ok: false, code: failed.code, message: failed.message }
          : { ok: false, code: result.lost, message: 'it gave no terms, or terms that are of no use' }
      },
      close: async () => {
        heard.delete(id)
        await buyer.close()
        book.close()
      },
    }
  }
  const board = new ScoreBoard({ store: kv, clock: systemClock })
  const tester = new Tester(
    { region: config.region.toUpperCase(), intervalMs: config.intervalMs },
    { find: () => buying.directory.find(), clip, openStream, board, clock: systemClock, log },
  )
  parts.push(new LeaderboardServer(config.listen, { board }), tester)
  return tester
}

/** The clip as segments: the operator's file, or a moving test picture. */
async function openClip(config: TesterConfig, { hashing, log }: Shared): Promise<readonly ClipSegment[]> {
  const id = manifestId('clip')
  const segments: AsyncIterable<Segment> =
    config.clip === undefined
      ? segmentFrames(
          (await openGeneratedSource({ ...GENERATED, realtime: false }, { log })).frames,
          { manifestId: id, capacity: 2 },
          { hashing },
        )
      : (await cutFile(config.clip, { manifestId: id }, { hashing, log })).segments
  const clip: ClipSegment[] = []
  for await (const segment of segments) {
    const { data, hash, durationMs } = await segment.closed
    clip.push({ data, hash, durationMs })
    if (clip.length >= MAX_CLIP_SEGMENTS) break
  }
  return clip
}

/** Works once and remembers; a failure is not remembered. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => {
    result ??= work().catch((error) => {
      result = undefined
      throw error
    })
    return result
  }
}
