import { errorText, type Log } from '@millrace/base'
import type { MediaStreamTrack, RTCRtpSender } from 'werift'
import type { FrameFeed } from '../../live/live-feed.ts'
import type { CodedFrame } from '../../segment/segment.ts'
import { chooseCodec } from '../../webrtc/choose-codec.ts'
import { OfferError } from '../../webrtc/errors.ts'
import { Peer } from '../../webrtc/peer.ts'
import type { Offer } from '../../webrtc/sdp.ts'
import type { WebRtcOptions } from '../../webrtc/webrtc-options.ts'
import { RenditionGuide } from './rendition-guide.ts'
import { RtpWriter } from './rtp-writer.ts'
import { Schedule } from './schedule.ts'

/** One way to watch a stream. */
export type LiveRendition = {
  readonly name: string
  readonly bandwidthBps: number
  /** Pictures in H.264 without B-frames, and sound. */
  readonly feed: FrameFeed
  /** The sound as Opus, made only while somebody listens; undefined when the stream has none. */
  opus(listener: (frame: CodedFrame) => void): () => void
}

/** The renditions that a viewer may be shown, best first; it begins with the first one. */
export type RenditionChoice = { readonly renditions: readonly [LiveRendition, ...LiveRendition[]] }

export type WhepRequest = { readonly offer: Offer; readonly remoteAddress: string }

export type WhepDeps = { readonly log: Log; readonly renditions: RenditionChoice; onEnd(): void }

const SETTLE_MS = 40
const REPORT_MS = 1_000
/** A viewer may have the pictures begin anew so often; more wishes are heard, but not passed on. */
const KEY_AT_MOST_MS = 1_000

/** One WebRTC viewer (WHEP). */
export class WhepSession {
  readonly answer: string
  readonly #peer: Peer
  readonly #deps: WhepDeps
  readonly #guide: RenditionGuide
  readonly #schedule = new Schedule()
  readonly #video: RtpWriter | undefined
  readonly #audio: RtpWriter | undefined
  readonly #idleMs: number
  #watching: AbortController | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  #heardMs = Date.now()
  #keyAskedMs = 0
  #ended = false

  /** Answers a viewer's offer; throws `codec_not_offered`, `bad_sdp`, `no_ice_port` or `no_webrtc`. */
  static async open(request: WhepRequest, options: WebRtcOptions, deps: WhepDeps): Promise<WhepSession> {
    const { offer, remoteAddress } = request
    const codecs = offer.media.map((media) => chooseCodec(media))
    let session: WhepSession | undefined
    const tracks = new Map<string, MediaStreamTrack>()
    const peer = await Peer.open(
      { offer, codecs, direction: 'sendonly', feedback: ['nack', 'nack pli', 'ccm fir', 'goog-remb'], remoteAddress },
      options,
      {
        prepare: (connection, werift) => {
          if (tracks.size > 0) return
          for (const { kind } of offer.media) {
            const track = new werift.MediaStreamTrack({ kind })
            tracks.set(kind, track)
            connection.addTransceiver(track, { direction: 'sendonly' })
          }
        },
        onConnected: () => session?.start(),
        onGone: (why) => session?.end(why),
      },
    )
    session = new WhepSession(peer, options, deps)
    return session
  }

  private constructor(peer: Peer, options: WebRtcOptions, deps: WhepDeps) {
    this.#peer = peer
    this.#deps = deps
    this.answer = peer.answer
    this.#idleMs = options.idleTimeoutMs ?? 10_000
    this.#guide = new RenditionGuide(deps.renditions.renditions.map(({ bandwidthBps }) => bandwidthBps))
    const video = peer.transceiver('video')?.sender
    const audio = peer.transceiver('audio')?.sender
    this.#video = video && new RtpWriter(peer.werift, video, { rate: 90_000 })
    this.#audio = audio && new RtpWriter(peer.werift, audio, { rate: 48_000 })
    for (const sender of [video, audio]) if (sender) this.#listen(sender)
  }

  start(): void {
    if (this.#ended) return
    this.#heardMs = Date.now()
    this.#timer = setInterval(() => this.#everySecond(), REPORT_MS)
    this.#timer.unref()
    // The viewer's side of the handshake may end a little later, and the first packets are the key frame.
    setTimeout(() => this.#ended || this.#watch(0), SETTLE_MS).unref()
  }

  /** Ends the session; only the first call counts. */
  end(reason: string): void {
    if (this.#ended) return
    this.#ended = true
    clearInterval(this.#timer)
    this.#watching?.abort()
    this.#video?.close()
    this.#audio?.close()
    void this.#peer.close()
    this.#deps.log.debug('a WebRTC viewer left', { reason })
    this.#deps.onEnd()
  }

  /** Shows another rendition from its newest key frame on. */
  #watch(index: number): void {
    this.#watching?.abort()
    const watching = new AbortController()
    this.#watching = watching
    const rendition = this.#deps.renditions.renditions[index]!
    this.#schedule.begin(Date.now())
    const unlisten = this.#audio && rendition.opus((frame) => this.#sound(frame))
    watching.signal.addEventListener('abort', () => unlisten?.(), { once: true })
    void this.#show(rendition, watching.signal).catch((error) => {
      this.#deps.log.info('a WebRTC viewer was cut off', { rendition: rendition.name, error: errorText(error) })
      this.end('failed')
    })
  }

  async #show({ feed }: LiveRendition, signal: AbortSignal): Promise<void> {
    let skipping = false
    for await (const frame of feed.frames({ from: 'key', signal })) {
      if (signal.aborted) return
      if (frame.kind !== 'video' || frame.codec !== 'h264') continue
      if (feed.reordered) throw new OfferError('rendition_has_b_frames', 'B-frames came into the stream')
      // A viewer whose packets do not get away is shown nothing between, and then the next key frame.
      if (skipping && !frame.keyFrame) continue
      skipping = this.#video?.picture(frame.data, this.#schedule.video(frame, Date.now())) === false
    }
    if (!signal.aborted) this.end('finished')
  }

  #sound(frame: CodedFrame): void {
    const ticks = this.#schedule.audio(frame, Date.now())
    if (ticks !== undefined) this.#audio?.packet(frame.data, ticks)
  }

  #listen(sender: RTCRtpSender): void {
    sender.onRtcp.subscribe(() => {
      this.#heardMs = Date.now()
    })
    sender.onPictureLossIndication.subscribe(() => this.#wantsKey())
  }

  /** The newest pictures are shown again from their key frame when the publisher cannot be asked for one. */
  #wantsKey(): void {
    const now = Date.now()
    if (now - this.#keyAskedMs < KEY_AT_MOST_MS) return
    this.#keyAskedMs = now
    this.#deps.renditions.renditions[this.#guide.current]?.feed.requestKey()
  }

  #everySecond(): void {
    const now = Date.now()
    if (now - this.#heardMs > this.#idleMs) return this.end('timeout')
    this.#video?.report(this.#schedule.now(now), now)
    this.#audio?.report(this.#schedule.now(now), now)
    const quality = this.#video?.quality()
    if (!quality) return
    const before = this.#guide.current
    this.#guide.hear(quality, now)
    if (this.#guide.current !== before) this.#watch(this.#guide.current)
  }
}
