import { type Log, MillraceError } from '@millrace/base'
import type { RTCPeerConnection, RTCRtpTransceiver, RtpPacket } from 'werift'
import type { AudioConversion, AudioProcess } from '../../audio/audio-process.ts'
import type { CodedFrame } from '../../segment/segment.ts'
import { chooseCodec } from '../../webrtc/choose-codec.ts'
import type { Depacketizer } from '../../webrtc/depacketize/depacketizer.ts'
import { openDepacketizer, PUBLISHED_VIDEO } from '../../webrtc/depacketize/open-depacketizer.ts'
import { Peer } from '../../webrtc/peer.ts'
import { RtpOrder } from '../../webrtc/rtp-order.ts'
import type { Offer, OfferedCodec } from '../../webrtc/sdp.ts'
import { SenderClock } from '../../webrtc/sender-clock.ts'
import type { WebRtcOptions } from '../../webrtc/webrtc-options.ts'
import { type Publication, type PublicationEnd, PublicationFeed } from '../publication.ts'
import { IngestBandwidth } from './ingest-bandwidth.ts'

export type WhipRequest = {
  readonly app: string
  readonly name: string
  readonly offer: Offer
  readonly remoteAddress: string
}

export type WhipDeps = {
  readonly log: Log
  readonly audio: AudioProcess
  /** Takes the publication once the publisher is connected. */
  onPublication(publication: Publication): void
  onEnd(): void
}

/** Segments need key frames: one is asked for every two seconds. */
const KEY_EVERY_MS = 2_000
/** And at most so often when packets are lost or a viewer comes. */
const KEY_AT_MOST_MS = 500
const ALLOWANCE_EVERY_MS = 1_000
const TICK_MS = 15
/** A missing packet of a picture is worth waiting for, since without it all pictures until the next key frame are lost. */
const VIDEO_WAIT_MS = 250
const AUDIO_WAIT_MS = 100
/** Sound that fails so often is not tried again. */
const MAX_AUDIO_FAILURES = 3
/** Frames that may wait for a reader; there is no holding back a sender of UDP. */
const MAX_WAITING = 480

/** One WebRTC publisher (WHIP, RFC 9725): its packets become a Publication with AAC and the pictures as they come, and its own Opus for viewers by WebRTC. */
export class WhipSession {
  readonly answer: string
  readonly #peer: Peer
  readonly #feed: PublicationFeed
  readonly #deps: WhipDeps
  readonly #video: RtpOrder
  readonly #audio: RtpOrder
  readonly #depacketizer: Depacketizer
  readonly #clock: SenderClock
  readonly #bandwidth: IngestBandwidth
  readonly #opusListeners = new Set<(frame: CodedFrame) => void>()
  readonly #timer: ReturnType<typeof setInterval>
  #aac: AudioConversion | undefined
  #videoSsrc: number | undefined
  #lastPacketMs = Date.now()
  #lastKeyAskedMs = 0
  #audioFailures = 0
  #dropping = false
  #dropped = 0
  #ended = false

  /** Answers a publisher's offer; throws `codec_not_offered`, `bad_sdp`, `no_ice_port` or `no_webrtc`. */
  static async open(request: WhipRequest, options: WebRtcOptions, deps: WhipDeps): Promise<WhipSession> {
    const { offer } = request
    const codecs = offer.media.map((media) => chooseCodec(media, { video: PUBLISHED_VIDEO }))
    let session: WhipSession | undefined
    const peer = await Peer.open(
      {
        offer,
        codecs,
        direction: 'recvonly',
        feedback: ['nack', 'nack pli', 'goog-remb'],
        remoteAddress: request.remoteAddress,
      },
      options,
      {
        prepare: (connection) => stopOwnNack(connection),
        onConnected: () => session?.start(),
        onGone: (why) => session?.end({ reason: why === 'closed' ? 'finished' : why }),
      },
    )
    session = new WhipSession(peer, request, options, codecs, deps)
    return session
  }

  private constructor(
    peer: Peer,
    request: WhipRequest,
    options: WebRtcOptions,
    codecs: readonly OfferedCodec[],
    deps: WhipDeps,
  ) {
    this.#peer = peer
    this.#deps = deps
    this.answer = peer.answer
    const offered = (kind: 'audio' | 'video') => codecs[request.offer.media.findIndex((media) => media.kind === kind)]
    const video = offered('video')
    const { codec, depacketizer } = openDepacketizer(video)
    this.#clock = new SenderClock({ video: video?.clockRate ?? 90_000, audio: 48_000 })
    this.#bandwidth = new IngestBandwidth({ maxBps: options.maxIngestBps ?? 8_000_000 })
    this.#depacketizer = depacketizer
    this.#feed = new PublicationFeed(
      { kind: 'whip', app: request.app, name: request.name, remoteAddress: request.remoteAddress },
      {
        onClose: () => this.end({ reason: 'closed' }),
        direct: {
          opus: (listener) => {
            this.#opusListeners.add(listener)
            return () => this.#opusListeners.delete(listener)
          },
          requestKey: () => this.#askForKey(),
        },
      },
    )
    this.#video = new RtpOrder(
      { waitMs: VIDEO_WAIT_MS },
      {
        onPacket: (packet, lost) => {
          this.#bandwidth.lost(lost)
          for (const unit of this.#depacketizer.push(packet, lost)) {
            const pts = this.#clock.time('video', unit.timestamp, Date.now())
            this.#write({ kind: 'video', codec, pts, dts: pts, keyFrame: unit.keyFrame, data: unit.data })
          }
          if (this.#depacketizer.waitsForKey) this.#askForKey()
        },
        onMissing: (sequences) => this.#askAgain(sequences),
      },
    )
    this.#audio = new RtpOrder(
      { waitMs: AUDIO_WAIT_MS },
      {
        onPacket: ({ timestamp, payload }) => {
          const pts = this.#clock.time('audio', timestamp, Date.now())
          const frame = { kind: 'audio', codec: 'opus', pts, dts: pts, keyFrame: true, data: payload } as const
          for (const listener of this.#opusListeners) listener(frame)
          this.#aac?.write(frame)
        },
      },
    )
    for (const kind of ['video', 'audio'] as const) {
      const transceiver = peer.transceiver(kind)
      if (transceiver) this.#listen(kind, transceiver, offered(kind)?.payloadType)
    }
    const idleMs = options.idleTimeoutMs ?? 10_000
    let sinceKey = 0
    let sinceAllowance = 0
    this.#timer = setInterval(() => {
      const now = Date.now()
      this.#video.tick(now)
      this.#audio.tick(now)
      if (!peer.connected) return
      if (now - sinceKey >= KEY_EVERY_MS) {
        sinceKey = now
        this.#askForKey()
      }
      if (now - sinceAllowance >= ALLOWANCE_EVERY_MS) {
        sinceAllowance = now
        this.#tellAllowance(this.#bandwidth.next(now))
      }
      if (now - this.#lastPacketMs > idleMs) this.end({ reason: 'timeout' })
    }, TICK_MS)
    this.#timer.unref()
  }

  /** Ends the publication and the connection; only the first call counts. */
  end(end: PublicationEnd): void {
    if (this.#ended) return
    this.#ended = true
    clearInterval(this.#timer)
    this.#aac?.close()
    this.#opusListeners.clear()
    this.#feed.end(end)
    void this.#peer.close()
    if (this.#dropped > 0)
      this.#deps.log.warn('frames of a WebRTC publisher were dropped, because nothing took them', {
        frames: this.#dropped,
      })
    this.#deps.onEnd()
  }

  /** The publisher is connected. */
  start(): void {
    if (this.#ended) return
    this.#lastPacketMs = Date.now()
    if (this.#peer.transceiver('audio')) this.#openAudio()
    this.#deps.onPublication(this.#feed.publication)
    this.#askForKey()
  }

  #openAudio(): void {
    this.#aac = this.#deps.audio.open({
      from: 'opus',
      to: 'aac',
      onFrame: (frame) => this.#write(frame),
      onFailed: (error) => {
        this.#aac = undefined
        this.#deps.log.warn('a WebRTC publisher goes on without sound', { code: error.code, error: error.message })
        if (error.retryable && !this.#ended && ++this.#audioFailures < MAX_AUDIO_FAILURES) this.#openAudio()
      },
    })
  }

  #listen(kind: 'audio' | 'video', { receiver }: RTCRtpTransceiver, payloadType: number | undefined): void {
    const order = kind === 'video' ? this.#video : this.#audio
    const take = (packet: RtpPacket) => {
      const { ssrc, sequenceNumber, timestamp, marker } = packet.header
      if (kind === 'video') this.#videoSsrc = ssrc
      this.#lastPacketMs = Date.now()
      this.#bandwidth.packet(packet.payload.length)
      this.#guard(() =>
        order.push({ sequence: sequenceNumber, timestamp, marker, payload: packet.payload }, this.#lastPacketMs),
      )
    }
    for (const track of receiver.tracks) track.onReceiveRtp.subscribe(take)
    // The library passes over streams that an offer does not announce by their SSRC, which it need not do: they are told by their codec.
    if (receiver.tracks.length === 0)
      receiver.dtlsTransport.onRtp.subscribe((packet) => {
        if (packet.header.payloadType === payloadType) take(packet)
      })
    receiver.onRtcp.subscribe((packet) => {
      const { RtcpSrPacket } = this.#peer.werift
      if (!(packet instanceof RtcpSrPacket)) return
      const { ntpTimestamp, rtpTimestamp } = packet.senderInfo
      this.#clock.report(kind, {
        rtpTimestamp,
        ntpSeconds: Number(ntpTimestamp >> 32n) + Number(ntpTimestamp & 0xffffffffn) / 2 ** 32,
      })
    })
  }

  /** Damaged packets of a stranger end the stream, and nothing else. */
  #guard(action: () => void): void {
    try {
      action()
    } catch (cause) {
      const error =
        cause instanceof MillraceError ? cause : new MillraceError('bad_rtp', 'a packet cannot be read', { cause })
      this.#deps.log.warn('a WebRTC publisher was cut off', { code: error.code, reason: error.message })
      this.end({ reason: 'failed', error })
    }
  }

  #write(frame: CodedFrame): void {
    if (this.#ended) return
    if (this.#dropping && frame.kind === 'video' && frame.keyFrame && this.#feed.waiting < MAX_WAITING / 2)
      this.#dropping = false
    if (this.#feed.waiting >= MAX_WAITING) this.#dropping = true
    if (this.#dropping) {
      this.#dropped++
      return
    }
    void this.#feed.write(frame).catch(() => {})
  }

  #tellAllowance(bps: number): void {
    const { ReceiverEstimatedMaxBitrate, RtcpPayloadSpecificFeedback } = this.#peer.werift
    const receiver = this.#peer.transceiver('video')?.receiver
    if (!receiver || this.#videoSsrc === undefined) return
    // A mantissa of 18 bits and an exponent of 2 (draft-alvestrand-rmcat-remb section 2.2).
    const exponent = Math.max(0, Math.floor(Math.log2(bps)) - 17)
    const feedback = new ReceiverEstimatedMaxBitrate({
      senderSsrc: receiver.rtcpSsrc,
      mediaSsrc: 0,
      ssrcNum: 1,
      brExp: exponent,
      brMantissa: Math.floor(bps / 2 ** exponent),
      ssrcFeedbacks: [this.#videoSsrc],
    })
    void receiver.dtlsTransport.sendRtcp([new RtcpPayloadSpecificFeedback({ feedback })]).catch(() => {})
  }

  #askAgain(lost: readonly number[]): void {
    const { GenericNack, RtcpTransportLayerFeedback } = this.#peer.werift
    const transceiver = this.#peer.transceiver('video')
    if (!transceiver || this.#videoSsrc === undefined || !this.#peer.connected) return
    const feedback = new GenericNack({
      senderSsrc: transceiver.receiver.rtcpSsrc,
      mediaSourceSsrc: this.#videoSsrc,
      lost: [...lost],
    })
    void transceiver.receiver.dtlsTransport.sendRtcp([new RtcpTransportLayerFeedback({ feedback })]).catch(() => {})
  }

  #askForKey(): void {
    const now = Date.now()
    if (this.#videoSsrc === undefined || now - this.#lastKeyAskedMs < KEY_AT_MOST_MS) return
    this.#lastKeyAskedMs = now
    void this.#peer
      .transceiver('video')
      ?.receiver.sendRtcpPLI(this.#videoSsrc)
      .catch(() => {})
  }
}

/**
 * The library asks for missing packets every 5 ms, ten times each, and stops noticing losses when sequence numbers wrap.
 * RtpOrder does it instead.
 */
function stopOwnNack(connection: RTCPeerConnection): void {
  for (const { receiver } of connection.getTransceivers())
    (receiver as unknown as { nack: { addPacket(): void } }).nack.addPacket = () => {}
}
