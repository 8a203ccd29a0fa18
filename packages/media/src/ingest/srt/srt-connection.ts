import { errorText, type Log, MillraceError } from '@millrace/base'
import type { CodedFrame } from '../../segment/segment.ts'
import { TsDemuxer } from '../../ts/demuxer.ts'
import { type Publication, type PublicationEnd, PublicationFeed } from '../publication.ts'
import type { SrtKeys } from './encryption.ts'
import {
  CONTROL,
  readLossList,
  type SeqRange,
  type SrtControlPacket,
  type SrtDataPacket,
  writeControl,
  writeLossList,
} from './packet.ts'
import { ReceiveBuffer } from './receive-buffer.ts'
import { RoundTrip } from './round-trip.ts'

export type SrtConnectionFacts = {
  readonly app: string
  readonly name: string
  readonly remoteAddress: string
  /** The number by which the publisher knows us, and we it. */
  readonly ownId: number
  readonly peerId: number
  readonly firstSeq: number
  readonly latencyMs: number
  readonly idleTimeoutMs: number
  readonly keys: SrtKeys | undefined
}

export type SrtConnectionDeps = {
  readonly log: Log
  send(packet: Buffer): void
  onEnd(): void
}

/** Packets that may be under way or wait behind a gap, as handshakes tell it. */
export const FLOW_WINDOW = 8_192
/** Full acknowledgements come at most so often (draft-sharabayko-srt-01 section 4.8.1). */
const ACK_EVERY_MS = 10
const KEEPALIVE_EVERY_MS = 1_000
/** The subtypes of control packets with keys. */
const KM = { request: 3, response: 4 } as const
/** Frames that may wait for a reader; there is no holding back a sender of UDP. */
const MAX_WAITING = 480
/** Without a frame after so much time and so many bytes, what comes is no stream. */
const NO_FRAME_MS = 10_000
const NO_FRAME_BYTES = 64 * 1024
/** New keys cost a derivation: a peer that sends them all the time is not heard. */
const KEYS_AT_MOST_MS = 1_000

/** One publisher by SRT: its packets become a Publication of what their transport stream holds. */
export class SrtConnection {
  readonly #facts: SrtConnectionFacts
  readonly #deps: SrtConnectionDeps
  readonly #feed: PublicationFeed
  readonly #buffer: ReceiveBuffer
  readonly #roundTrip = new RoundTrip()
  readonly #demuxer: TsDemuxer
  readonly #startedMs = Date.now()
  #lastHeardMs = Date.now()
  #lastSentMs = Date.now()
  #lastAckMs = 0
  #ackedNext: number
  #ackOwed = false
  #ackNumber = 0
  #keysTakenMs = 0
  #bytes = 0
  #frames = 0
  #unreadable = 0
  #dropping = false
  #dropped = 0
  #ended = false

  constructor(facts: SrtConnectionFacts, deps: SrtConnectionDeps) {
    this.#facts = facts
    this.#deps = deps
    this.#ackedNext = facts.firstSeq
    const { app, name, remoteAddress, firstSeq, latencyMs } = facts
    this.#feed = new PublicationFeed(
      { kind: 'srt', app, name, remoteAddress },
      { onClose: () => this.end({ reason: 'closed' }) },
    )
    this.#demuxer = new TsDemuxer({ frame: (frame) => this.#write(frame) })
    this.#buffer = new ReceiveBuffer({ firstSeq, latencyMs, maxPackets: FLOW_WINDOW }, (payload) => {
      this.#bytes += payload.length
      this.#demuxer.push(payload)
    })
  }

  get publication(): Publication {
    return this.#feed.publication
  }

  data(packet: SrtDataPacket, nowMs: number): void {
    this.#lastHeardMs = nowMs
    const payload = this.#open(packet)
    if (!payload) {
      this.#unreadable++
      return
    }
    if (packet.seq !== this.#buffer.next) this.#ackOwed = true
    const gap = this.#buffer.push(packet.seq, payload, nowMs)
    if (gap) this.#askAgain([gap], nowMs)
  }

  control(packet: SrtControlPacket, nowMs: number): void {
    this.#lastHeardMs = nowMs
    const { type, content } = packet
    if (type === CONTROL.shutdown) this.end({ reason: 'finished' })
    else if (type === CONTROL.ackAck) this.#roundTrip.answered(packet.info, nowMs)
    else if (type === CONTROL.dropRequest && content.length >= 8) {
      const [range] = readLossList(Buffer.concat([mark(content.subarray(0, 4)), content.subarray(4, 8)]))
      if (range) this.#buffer.drop(range)
    } else if (type === CONTROL.user && packet.subtype === KM.request) void this.#newKeys(content, nowMs)
  }

  /** Called every few milliseconds. */
  tick(nowMs: number): void {
    if (this.#ended) return
    this.#buffer.tick(nowMs)
    if (nowMs - this.#lastAckMs >= ACK_EVERY_MS && (this.#ackOwed || this.#buffer.next !== this.#ackedNext))
      this.#ack(nowMs)
    const overdue = this.#buffer.overdue(nowMs, this.#roundTrip.askAgainMs)
    if (overdue.length > 0) this.#askAgain(overdue, nowMs)
    if (nowMs - this.#lastSentMs >= KEEPALIVE_EVERY_MS) this.#send(CONTROL.keepalive, 0, Buffer.alloc(4), nowMs)
    if (nowMs - this.#lastHeardMs > this.#facts.idleTimeoutMs) this.end({ reason: 'timeout' })
    if (this.#frames === 0 && this.#bytes > NO_FRAME_BYTES && nowMs - this.#startedMs > NO_FRAME_MS)
      this.#failWithoutFrames()
  }

  /** Ends the publication and the connection; only the first call counts. */
  end(end: PublicationEnd): void {
    if (this.#ended) return
    this.#ended = true
    // Two of them, because nothing says that one arrives.
    for (let i = 0; i < 2; i++) this.#send(CONTROL.shutdown, 0, Buffer.alloc(4), Date.now())
    this.#demuxer.end()
    this.#feed.end(end)
    this.#deps.log.info('a publisher by SRT is gone', {
      reason: end.reason,
      ...this.#buffer.counts,
      unreadable: this.#unreadable,
      framesDropped: this.#dropped,
      roundTripMs: this.#roundTrip.ms,
    })
    this.#deps.onEnd()
  }

  #open({ slot, seq, payload }: SrtDataPacket): Buffer | undefined {
    const { keys } = this.#facts
    if (!keys) return slot === 0 ? payload : undefined
    return slot === 0 ? undefined : keys.open(slot, seq, payload)
  }

  #ack(nowMs: number): void {
    this.#lastAckMs = nowMs
    this.#ackOwed = false
    this.#ackedNext = this.#buffer.next
    this.#ackNumber++
    this.#roundTrip.asked(this.#ackNumber, nowMs)
    const content = Buffer.alloc(28)
    const { us, varianceUs } = this.#roundTrip
    const elapsedS = Math.max(0.1, (nowMs - this.#startedMs) / 1_000)
    const packets = Math.round(this.#buffer.counts.received / elapsedS)
    const fields = [
      this.#ackedNext,
      us,
      varianceUs,
      this.#buffer.room,
      packets,
      packets,
      Math.round(this.#bytes / elapsedS),
    ]
    for (const [index, field] of fields.entries()) content.writeUInt32BE(field >>> 0, index * 4)
    this.#send(CONTROL.ack, this.#ackNumber, content, nowMs)
  }

  #askAgain(ranges: readonly SeqRange[], nowMs: number): void {
    // What does not fit into one datagram is overdue soon enough.
    this.#send(CONTROL.nak, 0, writeLossList(ranges.slice(0, 150)), nowMs)
  }

  async #newKeys(message: Buffer, nowMs: number): Promise<void> {
    const { keys } = this.#facts
    if (!keys || nowMs - this.#keysTakenMs < KEYS_AT_MOST_MS) return
    this.#keysTakenMs = nowMs
    const copy = Buffer.from(message)
    if (await keys.take(copy)) this.#send(CONTROL.user, 0, copy, Date.now(), KM.response)
  }

  #send(type: number, info: number, content: Buffer, nowMs: number, subtype = 0): void {
    this.#lastSentMs = nowMs
    const timestampUs = ((nowMs - this.#startedMs) * 1_000) % 2 ** 32
    this.#deps.send(writeControl({ type, subtype, info, timestampUs, socketId: this.#facts.peerId, content }))
  }

  #write(frame: CodedFrame): void {
    this.#frames++
    if (this.#ended) return
    if (this.#dropping && frame.kind === 'video' && frame.keyFrame && this.#feed.waiting < MAX_WAITING / 2)
      this.#dropping = false
    if (this.#feed.waiting >= MAX_WAITING) this.#dropping = true
    if (this.#dropping) {
      this.#dropped++
      return
    }
    this.#feed.write(frame).catch((error) => this.#deps.log.debug('a frame was not taken', { error: errorText(error) }))
  }

  #failWithoutFrames(): void {
    const error =
      this.#unreadable > 0
        ? new MillraceError('srt_unreadable', 'the packets of the publisher cannot be decrypted')
        : new MillraceError(
            'unsupported_codec',
            'what the publisher sends by SRT is no MPEG transport stream with a codec that is taken: send H.264 or HEVC, and AAC',
          )
    this.end({ reason: 'failed', error })
  }
}

/** Marks the first number of a range as such. */
function mark(word: Buffer): Buffer {
  const out = Buffer.from(word)
  out[0]! |= 0x80
  return out
}
