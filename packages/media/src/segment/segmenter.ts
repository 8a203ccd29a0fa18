import { AsyncQueue, MillraceError, ticksToMs } from '@millrace/base'
import type { ManifestId } from '@millrace/wire'
import { TsMuxer } from '../ts/muxer.ts'
import { type Hasher, OpenSegment } from './open-segment.ts'
import type { CodedFrame, Segment } from './segment.ts'
import { Timeline } from './timeline.ts'

export type SegmentOptions = {
  readonly manifestId: ManifestId
  /** A segment is cut at the first key frame from here on. Default 2000. */
  readonly targetMs?: number
  readonly firstSeq?: number
  /** Marks the first segment as a break, for a publisher that came back. */
  readonly discontinuity?: boolean
  /** Without a key frame a segment is cut at this length anyway. Default 10 s. */
  readonly maxMs?: number
  /** Without a key frame a segment is cut at this size anyway. Default 32 MB. */
  readonly maxBytes?: number
  /** How many segments may wait for the reader before the publisher is held back. */
  readonly capacity?: number
  readonly signal?: AbortSignal | undefined
}

/** Sound alone is cut into segments, too, once this much of it came without a picture. */
const AUDIO_ONLY_AFTER = 90_000

/**
 * Cuts a stream into segments that begin with a key frame. A segment is handed out when it begins and goes on filling by itself;
 * its transport stream is made as the frames arrive. The iteration throws what the frames throw.
 */
export function segmentFrames(
  frames: AsyncIterable<CodedFrame>,
  options: SegmentOptions,
  deps: { readonly hashing: Hasher },
): AsyncIterable<Segment> {
  const segmenter = new Segmenter(options, deps.hashing)
  const pump = async () => {
    try {
      for await (const frame of frames) {
        options.signal?.throwIfAborted()
        await segmenter.frame(frame)
      }
      await segmenter.end()
    } catch (error) {
      segmenter.fail(error)
    }
  }
  options.signal?.addEventListener('abort', () => segmenter.fail(options.signal?.reason), { once: true })
  void pump()
  return segmenter.segments
}

/** Sound that has not come after half a second of picture is not waited for. */
const STREAMS_KNOWN_AFTER = 45_000

/** Sound that belongs to the first picture may begin this much before it. */
const EARLY_SOUND = 9_000

class Segmenter {
  readonly segments: AsyncQueue<Segment>
  readonly #options: SegmentOptions
  readonly #hashing: Hasher
  readonly #targetTicks: number
  readonly #maxTicks: number
  readonly #maxBytes: number
  readonly #timeline = new Timeline()
  readonly #muxer = new TsMuxer({ write: () => {} })
  #seq: number
  #broke: boolean
  #open: OpenSegment | undefined
  #openedAudioOnly = false
  /** Presentation time of the first frame, and the end of the last one so far. */
  #start = 0
  #end = 0
  #lastVideoDts = Number.NaN
  #frameTicks = 3_000
  #hasVideo = false
  #earlyAudio: CodedFrame[] = []
  /** Frames that are not yet in the transport stream, because it is open whether there is sound: its first tables must name all streams. */
  #held: CodedFrame[] | undefined = []

  constructor(options: SegmentOptions, hashing: Hasher) {
    this.#options = options
    this.#hashing = hashing
    // A key frame that comes a little early by rounding must not make the segment twice as long.
    this.#targetTicks = (options.targetMs ?? 2_000) * 90 * 0.95
    this.#maxTicks = (options.maxMs ?? 10_000) * 90
    this.#maxBytes = options.maxBytes ?? 32 * 1024 * 1024
    this.#seq = options.firstSeq ?? 0
    this.#broke = options.discontinuity ?? false
    this.segments = new AsyncQueue({ capacity: options.capacity ?? 16 })
  }

  async frame(given: CodedFrame): Promise<void> {
    const { frame, broke } = this.#timeline.place(given)
    if (broke) {
      this.#close(this.#end)
      this.#broke = true
      this.#lastVideoDts = Number.NaN
      this.#earlyAudio = []
    }
    if (frame.kind === 'video') await this.#video(frame)
    else await this.#audio(frame)
  }

  async end(): Promise<void> {
    if (!this.#open && this.#earlyAudio.length > 0) await this.#startAudioOnly()
    this.#close(this.#end)
    this.segments.close()
  }

  fail(error: unknown): void {
    const reason = error ?? new MillraceError('aborted', 'the stream was given up')
    this.#open?.fail(reason)
    this.#open = undefined
    this.segments.close(reason)
  }

  async #video(frame: CodedFrame): Promise<void> {
    this.#hasVideo = true
    const open = this.#open
    const elapsed = frame.pts - this.#start
    const cutHere = frame.keyFrame && (!open || this.#openedAudioOnly || elapsed >= this.#targetTicks)
    const tooLong = open && !cutHere && (elapsed >= this.#maxTicks || open.bytes + frame.data.length > this.#maxBytes)
    if (cutHere || tooLong) {
      this.#close(frame.pts)
      await this.#begin(frame)
      const early = this.#earlyAudio
      this.#earlyAudio = []
      // Sound from long before would only make players wait for a picture.
      for (const sound of early) if (sound.pts >= frame.pts - EARLY_SOUND) this.#add(sound)
    } else if (!open) return
    if (this.#lastVideoDts < frame.dts) this.#frameTicks = Math.min(frame.dts - this.#lastVideoDts, 90_000)
    this.#lastVideoDts = frame.dts
    this.#end = Math.max(this.#end, frame.pts + this.#frameTicks)
    this.#add(frame)
  }

  async #audio(frame: CodedFrame): Promise<void> {
    const open = this.#open
    if (!open) {
      // Sound before the first picture waits for it, so that the first segment begins with a key frame.
      this.#earlyAudio.push(frame)
      if (frame.dts - this.#earlyAudio[0]!.dts < AUDIO_ONLY_AFTER && this.#earlyAudio.length < 1_000) return
      if (this.#hasVideo) this.#earlyAudio.shift()
      else await this.#startAudioOnly()
      return
    }
    const elapsed = frame.pts - this.#start
    const silentVideo = elapsed >= this.#maxTicks
    if ((this.#openedAudioOnly && elapsed >= this.#targetTicks) || silentVideo || open.bytes > this.#maxBytes) {
      this.#close(frame.pts)
      this.#openedAudioOnly = true
      await this.#begin(frame)
    }
    if (this.#openedAudioOnly) this.#end = Math.max(this.#end, frame.pts + 1_920)
    this.#add(frame)
  }

  async #startAudioOnly(): Promise<void> {
    const early = this.#earlyAudio
    this.#earlyAudio = []
    this.#openedAudioOnly = true
    await this.#begin(early[0]!)
    for (const frame of early) {
      this.#end = Math.max(this.#end, frame.pts + 1_920)
      this.#add(frame)
    }
  }

  async #begin(first: CodedFrame): Promise<void> {
    const open = new OpenSegment({
      manifestId: this.#options.manifestId,
      seq: this.#seq++,
      discontinuity: this.#broke,
      independent: first.keyFrame,
    })
    this.#broke = false
    this.#openedAudioOnly = first.kind === 'audio'
    this.#start = first.pts
    this.#end = first.pts
    this.#open = open
    this.#muxer.startSegment(open.write)
    await this.segments.pushWait(open, { signal: this.#options.signal })
  }

  #add(frame: CodedFrame): void {
    const open = this.#open
    if (!open) return
    open.add(frame)
    if (!this.#held) {
      this.#muxer.frame(frame)
      return
    }
    this.#held.push(frame)
    if (frame.kind === 'audio' || frame.dts - this.#held[0]!.dts >= STREAMS_KNOWN_AFTER) this.#release()
  }

  #release(): void {
    const held = this.#held
    const open = this.#open
    if (!held || !open || held.length === 0) return
    this.#held = undefined
    const codec = (kind: 'video' | 'audio') => held.find((frame) => frame.kind === kind)?.codec
    const video = codec('video')
    const audio = codec('audio')
    this.#muxer.startSegment(open.write, {
      ...(video === 'h264' || video === 'hevc' ? { video } : {}),
      ...(audio === 'aac' || audio === 'mp3' || audio === 'ac3' ? { audio } : {}),
    })
    for (const frame of held) this.#muxer.frame(frame)
  }

  #close(end: number): void {
    const open = this.#open
    if (!open) return
    this.#release()
    this.#open = undefined
    this.#muxer.flush()
    open.complete(ticksToMs(Math.max(0, end - this.#start)), this.#hashing)
  }
}
