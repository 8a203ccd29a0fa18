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

  constructor(ladder: readonly VideoProfile[], deps: { readonly log: Log }) {
    this.#ladder = ladder
    this.#log = deps.log
  }

  /** The frames as they come in, and a way for viewers to read them. */
  tap(frames: AsyncIterable<CodedFrame>, direct: DirectMedia | undefined): AsyncIterable<CodedFrame> {
    this.#direct = direct
    const feed = new LiveFeed({ requestKey: () => direct?.requestKey() })
    this.#feeds.set('source', feed)
    return (async function* () {
      for await (const frame of frames) {
        feed.push(frame)
        yield frame
      }
    })()
  }

  /** A whole segment of the source or of a rendition. */
  segment(name: string, segment: { readonly data: Uint8Array; readonly container: 'mpegts' | 'mp4' }): void {
    const feed = this.#feeds.get(name)
    if (feed instanceof SegmentFeed) feed.push(segment)
    else if (!feed) {
      const opened = new SegmentFeed()
      this.#feeds.set(name, opened)
      opened.push(segment)
    }
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
      (rendition): LiveRendition => ({ ...rendition, opus: this.#track(rendition.feed, audio).listen }),
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

  #track(feed: Feed, audio: AudioProcess): OpusTrack {
    const known = this.#sound.get(feed)
    if (known) return known
    const direct = feed instanceof LiveFeed ? this.#direct?.opus : undefined
    const track = new OpusTrack(feed, { audio, log: this.#log, direct })
    this.#sound.set(feed, track)
    return track
  }
}
