import type { RTCPeerConnection, RtpPacket } from 'werift'
import type { CodedFrame } from '../segment/segment.ts'
import { packetizeH264 } from '../webrtc/h264-packetizer.ts'
import { loadWerift, type Werift } from '../webrtc/load-werift.ts'
import { askNobody } from '../webrtc/peer.ts'

type Kind = 'audio' | 'video'

/** A WebRTC client without a browser, on this machine: it publishes coded frames, or counts what it is sent. */
export class WebRtcClient {
  readonly connection: RTCPeerConnection
  readonly received: Record<Kind, RtpPacket[]> = { audio: [], video: [] }
  /** Key frames that the other end asked for. */
  keysAsked = 0
  /** Called with every packet that comes; counting is enough for most. */
  onPacket: ((kind: Kind, packet: RtpPacket) => void) | undefined
  readonly #werift: Werift
  /** The library takes a packet for STUN whose number is its length less 20: numbers begin above all lengths. */
  #sequence = { audio: 10_000, video: 10_000 }

  private constructor(werift: Werift, connection: RTCPeerConnection) {
    this.#werift = werift
    this.connection = connection
  }

  /** Prepares to send or to receive a picture and sound. */
  static async open(
    direction: 'sendonly' | 'recvonly',
    kinds: readonly Kind[] = ['video', 'audio'],
  ): Promise<WebRtcClient> {
    const werift = await loadWerift()
    const connection = new werift.RTCPeerConnection({
      codecs: {
        video: [werift.useH264({ rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }] })],
        audio: [werift.useOPUS()],
      },
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceAdditionalHostAddresses: ['127.0.0.1'],
      bundlePolicy: 'max-bundle',
    })
    const client = new WebRtcClient(werift, connection)
    for (const kind of kinds) {
      const track = new werift.MediaStreamTrack({ kind })
      const transceiver = connection.addTransceiver(track, { direction })
      transceiver.sender.onPictureLossIndication.subscribe(() => client.keysAsked++)
    }
    connection.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe((packet) => {
        client.received[track.kind as Kind].push(packet)
        client.onPacket?.(track.kind as Kind, packet)
      })
    })
    return client
  }

  async offer(): Promise<string> {
    askNobody(this.connection)
    await this.connection.setLocalDescription(await this.connection.createOffer())
    return this.connection.localDescription!.sdp
  }

  /** Takes the answer and resolves when it is connected. */
  async accept(answer: string): Promise<void> {
    await this.connection.setRemoteDescription({ type: 'answer', sdp: answer })
    if (this.connection.connectionState === 'connected') return
    await new Promise<void>((resolve, reject) => {
      this.connection.connectionStateChange.subscribe((state) => {
        if (state === 'connected') resolve()
        else if (state === 'failed' || state === 'closed') reject(new Error(`the connection is ${state}`))
      })
    })
  }

  /** Sends a frame of H.264 or Opus; packets for which `loses` is true are lost on the way. */
  async send(frame: CodedFrame, loses: (packet: number) => boolean = () => false): Promise<void> {
    const { RtpHeader, RtpPacket } = this.#werift
    const { kind } = frame
    const sender = this.connection.getTransceivers().find((transceiver) => transceiver.kind === kind)!.sender
    const rate = kind === 'video' ? 90_000 : 48_000
    const pieces = kind === 'video' ? packetizeH264(frame.data) : [{ payload: frame.data, marker: true }]
    for (const { payload, marker } of pieces) {
      const sequenceNumber = this.#sequence[kind]++ & 0xffff
      if (loses(sequenceNumber)) continue
      const timestamp = Math.round((frame.pts * rate) / 90_000) >>> 0
      await sender.sendRtp(new RtpPacket(new RtpHeader({ sequenceNumber, timestamp, marker }), Buffer.from(payload)))
    }
  }

  close(): Promise<void> {
    return this.connection.close()
  }
}
