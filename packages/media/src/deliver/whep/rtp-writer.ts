import { randomBytes } from 'node:crypto'
import type { RTCRtpSender } from 'werift'
import { packetizeH264 } from '../../webrtc/h264-packetizer.ts'
import type { Werift } from '../../webrtc/load-werift.ts'

/** So many packets go at once, and as many more every 2 ms: a key frame must not overrun the buffers on its way. */
const BURST = 24
const PACE_MS = 2
/** Packets that wait to go; with more the viewer gets no further picture before the next key frame. */
const MAX_WAITING = 3_000
/** Seconds from 1900, where NTP begins, to 1970. */
const NTP_EPOCH = 2_208_988_800

/** How well packets arrive, as the viewer reports it. */
export type Quality = {
  /** Part of the packets that was lost, 0 to 1. */
  readonly lost: number
  /** What the viewer believes that its link carries, in bits per second; undefined when it does not say. */
  readonly capacityBps: number | undefined
}

type Waiting = { readonly payload: Uint8Array; readonly marker: boolean; readonly timestamp: number }

/** Writes one track of one viewer: packets, their pace, and reports that relate them to the wall clock. */
export class RtpWriter {
  readonly #werift: Werift
  readonly #sender: RTCRtpSender
  readonly #rate: number
  readonly #base = randomBytes(4).readUInt32BE(0)
  #sequence = randomBytes(2).readUInt16BE(0)
  #waiting: Waiting[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #packets = 0
  #octets = 0
  #lost: number[] = []
  #closed = false

  constructor(werift: Werift, sender: RTCRtpSender, options: { readonly rate: number }) {
    this.#werift = werift
    this.#sender = sender
    this.#rate = options.rate
    // The library's own reports have each track's time of sending, which would let sound and picture drift apart.
    sender.rtcpRunning = true
    sender.onRtcp.subscribe((packet) => {
      if (!(packet instanceof werift.RtcpRrPacket)) return
      for (const { ssrc, fractionLost } of packet.reports) if (ssrc === sender.ssrc) this.#lost.push(fractionLost / 256)
    })
  }

  /** Packets sent so far. */
  get packets(): number {
    return this.#packets
  }

  /** Sends a picture that is due at this time (90 kHz); false when too many packets wait. */
  picture(data: Uint8Array, due: number): boolean {
    if (this.#waiting.length > MAX_WAITING) return false
    const timestamp = this.#timestamp(due)
    for (const piece of packetizeH264(data)) this.#waiting.push({ ...piece, timestamp })
    if (!this.#timer) this.#burst()
    return true
  }

  /** Sends a piece of sound that is a packet by itself. */
  packet(payload: Uint8Array, due: number): void {
    this.#send({ payload, marker: false, timestamp: this.#timestamp(due) })
  }

  /** Tells the viewer which time of the track is now (RFC 3550 section 6.4.1). */
  report(now: number, nowMs: number): void {
    if (this.#closed || this.#packets === 0) return
    const { RtcpSenderInfo, RtcpSourceDescriptionPacket, RtcpSrPacket, SourceDescriptionChunk, SourceDescriptionItem } =
      this.#werift
    const { ssrc } = this.#sender
    const ntpTimestamp =
      (BigInt(Math.floor(nowMs / 1_000) + NTP_EPOCH) << 32n) | BigInt(Math.floor(((nowMs % 1_000) / 1_000) * 2 ** 32))
    const senderInfo = new RtcpSenderInfo({
      ntpTimestamp,
      rtpTimestamp: this.#timestamp(now),
      packetCount: this.#packets >>> 0,
      octetCount: this.#octets >>> 0,
    })
    const name = new SourceDescriptionItem({ type: 1, text: 'millrace' })
    const chunk = new SourceDescriptionChunk({ source: ssrc, items: [name] })
    void this.#sender.dtlsTransport
      .sendRtcp([new RtcpSrPacket({ ssrc, senderInfo }), new RtcpSourceDescriptionPacket({ chunks: [chunk] })])
      .catch(() => {})
  }

  /** What was reported since the last call; undefined when nothing was. */
  quality(): Quality | undefined {
    const lost = this.#lost
    if (lost.length === 0) return undefined
    this.#lost = []
    const capacity = Number(this.#sender.receiverEstimatedMaxBitrate)
    return { lost: Math.max(...lost), capacityBps: capacity > 0 ? capacity : undefined }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#waiting = []
  }

  #burst(): void {
    this.#timer = undefined
    if (this.#closed) return
    for (const piece of this.#waiting.splice(0, BURST)) this.#send(piece)
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#burst(), PACE_MS)
  }

  #send({ payload, marker, timestamp }: Waiting): void {
    if (this.#closed) return
    const { RtpHeader, RtpPacket } = this.#werift
    const sequenceNumber = this.#sequence
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.#packets++
    this.#octets += payload.length
    const header = new RtpHeader({ sequenceNumber, timestamp, marker })
    void this.#sender.sendRtp(new RtpPacket(header, Buffer.from(payload))).catch(() => {})
  }

  #timestamp(ticks: number): number {
    return (this.#base + Math.round((ticks * this.#rate) / 90_000)) >>> 0
  }
}
