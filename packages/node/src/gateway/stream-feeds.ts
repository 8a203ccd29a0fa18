import { type Log, MillraceError } from '@millrace/base'
import {
  type AudioProcess,
  type CodedFrame,
  type DirectMedia,
  LiveFeed,
  type LiveRendition,
  OfferError,
  OpusTrack,
  type RenditionChoice,
  SegmentFeed,
} from '@millrace/media'
import type { VideoProfile } from '@millrace/wire'

/** What a source is taken to need when nobody says (as its playlist does). */
const SOURCE_BPS = 4_000_000

type Feed = LiveFeed | SegmentFeed

/** Where viewers by WebRTC read one stream: its source frame by frame, its renditions as their segments come. */
export class StreamFeeds {
  readonly #log: Log
  readonly #ladder: readonly VideoProfile[]
  readonly #feeds = new Map<string, Feed>()
  readonly #sound = new Map<Feed, OpusTrack>()
  #direct: DirectMedia | undefined
  #reading: Promise<void> = Promise.resolve()

  constructor(ladder: readonly VideoProfile[], deps: { readonly log: Log }) {
    this.#ladder = ladder
    this.#log = deps.log
  }

  /** What the publisher has for viewers by WebRTC beside its frames. */
  publisher(direct: DirectMedia | undefined): void {
    this.#direct = direct
  }

  /** A segment of the source whose frames are still coming. */
  source(segment: AsyncIterable<CodedFrame>): void {
    const known = this.#feeds.get('source')
    const feed = known instanceof LiveFeed ? known : new LiveFeed({ requestKey: () => this.#direct?.requestKey() })
    this.#feeds.set('source', feed)
    // One after the other, because the frames of a new segment may come before the last of the old one were read.
    this.#reading = this.#reading.then(async () => {
      for await (const frame of segment) feed.push(frame)
    })
    // A segment that broke off is told of where it is taken for the network.
    this.#reading = this.#reading.catch(() => {})
  }

  /** A whole segment of the source or of a rendition. */
  segment(name: string, segment: { readonly data: Uint8Array; readonly container: 'mpegts' | 'mp4' }): void {
    const feed = this.#rendition(name)
    if (feed instanceof SegmentFeed) feed.push(segment)
  }

  /** Some pictures of a rendition whose segment comes in parts. */
  part(name: string, frames: readonly CodedFrame[]): void {
    const feed = this.#rendition(name)
    if (feed instanceof SegmentFeed) feed.part(frames)
  }

  end(): void {
    for (const feed of this.#feeds.values()) feed.end()
  }

  /**
   * What a viewer may be shown, best first: the source when WebRTC clients can play it, then the renditions by bit rate.
   * Throws `stream_not_live` while there is nothing yet, `rendition_has_b_frames` when there is nothing that they can play.
   */
  choose(wanted: string | undefined, audio: AudioProcess): RenditionChoice {
    const byRate = [...this.#ladder].sort((a, b) => b.bitrateBps - a.bitrateBps)
    const all = [
      { name: 'source', bandwidthBps: SOURCE_BPS },
      ...byRate.map(({ name, bitrateBps }) => ({ name, bandwidthBps: bitrateBps })),
    ]
    const named = wanted === undefined ? all : all.filter(({ name }) => name === wanted)
    const there = named.flatMap((rendition) => {
      const feed = this.#feeds.get(rendition.name)
      return feed ? [{ ...rendition, feed }] : []
    })
    if (there.length === 0)
      throw new MillraceError(
        'stream_not_live',
        wanted === undefined ? 'the stream has no picture yet' : `there is no rendition ${wanted} yet: try again soon`,
        { retryable: true },
      )
    const playable = there.filter(({ feed }) => !feed.reordered && (feed.videoCodec ?? 'h264') === 'h264')
    const [first, ...rest] = playable.map(
      (rendition): LiveRendition => ({ ...rendition, opus: this.#opus(rendition.feed, audio) }),
    )
    if (first) return { renditions: [first, ...rest] }
    const reordered = there.some(({ feed }) => feed.reordered)
    throw reordered
      ? new OfferError(
          'rendition_has_b_frames',
          'WebRTC clients cannot play B-frames, and nothing of this stream is without them: publish with -bf 0, or add a rendition of profile H264ConstrainedHigh',
        )
      : new OfferError(
          'codec_not_offered',
          `WebRTC clients are sent H.264, and this stream is ${there[0]!.feed.videoCodec}: add a rendition in H.264`,
        )
  }

  #rendition(name: string): Feed {
    const known = this.#feeds.get(name)
    if (known) return known
    const opened = new SegmentFeed()
    this.#feeds.set(name, opened)
    return opened
  }

  /** Parts are pictures alone: their sound is the source's, on the same clock. */
  #opus(feed: Feed, audio: AudioProcess): LiveRendition['opus'] {
    const source = this.#feeds.get('source')
    const own = this.#track(feed, audio)
    if (!(feed instanceof SegmentFeed) || !source) return own.listen
    return (listener) => (feed.inParts ? this.#track(source, audio) : own).listen(listener)
  }

  #track(feed: Feed, audio: AudioProcess): OpusTrack {
    const known = this.#sound.get(feed)
    if (known) return known
    const direct = feed instanceof LiveFeed ? this.#direct?.opus : undefined
    const track = new OpusTrack(feed, { audio, log: this.#log, direct })
    this.#sound.set(feed, track)
    return track
  }
}
