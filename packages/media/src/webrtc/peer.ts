import { randomBytes } from 'node:crypto'
import { errorText, MillraceError } from '@millrace/base'
import type { RTCPeerConnection, RTCRtpTransceiver } from 'werift'
import { narrowOffer } from './choose-codec.ts'
import { loadWerift, type Werift } from './load-werift.ts'
import type { Offer, OfferedCodec } from './sdp.ts'
import type { WebRtcOptions } from './webrtc-options.ts'

export type PeerRequest = {
  readonly offer: Offer
  /** One codec for each media line of the offer. */
  readonly codecs: readonly OfferedCodec[]
  readonly direction: 'sendonly' | 'recvonly'
  /** Kinds of RTCP feedback to agree on. */
  readonly feedback: readonly string[]
  /** Where the offer came from: the only address that packets are sent to unasked. */
  readonly remoteAddress: string
}

/** A connection with a WebRTC client, answered but perhaps not connected yet. */
export class Peer {
  readonly werift: Werift
  readonly connection: RTCPeerConnection
  readonly answer: string
  readonly #onGone: (why: 'disconnected' | 'timeout' | 'closed') => void
  #closed = false
  #connected = false
  #timers: ReturnType<typeof setTimeout>[] = []

  private constructor(
    werift: Werift,
    connection: RTCPeerConnection,
    answer: string,
    onGone: (why: 'disconnected' | 'timeout' | 'closed') => void,
  ) {
    this.werift = werift
    this.connection = connection
    this.answer = answer
    this.#onGone = onGone
  }

  /**
   * Answers an offer. `prepare` sees the connection before the offer is applied and after it, so that no packet is missed.
   * Throws `bad_sdp` for what the library cannot read.
   */
  static async open(
    request: PeerRequest,
    options: WebRtcOptions,
    hooks: {
      prepare(connection: RTCPeerConnection, werift: Werift): void
      onConnected(): void
      onGone(why: 'disconnected' | 'timeout' | 'closed'): void
    },
  ): Promise<Peer> {
    const werift = await loadWerift()
    const { useAbsSendTime, useSdesMid } = werift
    const feedback = request.feedback.map((text) => {
      const [type = '', parameter] = text.split(' ')
      return parameter === undefined ? { type } : { type, parameter }
    })
    const local = (kind: 'audio' | 'video') =>
      request.offer.media.flatMap((media, i) => {
        const codec = request.codecs[i]!
        if (media.kind !== kind) return []
        return [
          new werift.RTCRtpCodecParameters({
            mimeType: `${kind}/${kind === 'video' ? codec.name.toUpperCase() : codec.name}`,
            clockRate: codec.clockRate,
            payloadType: codec.payloadType,
            ...(kind === 'audio' && { channels: 2 }),
            rtcpFeedback: feedback,
          }),
        ]
      })
    const extensions = [useSdesMid(), useAbsSendTime()]
    const connection = new werift.RTCPeerConnection({
      codecs: { video: local('video'), audio: local('audio') },
      headerExtensions: { video: extensions, audio: extensions },
      bundlePolicy: 'max-bundle',
      // Only the addresses that the operator names: the library's own list would also have those of containers and tunnels.
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceAdditionalHostAddresses: [...options.addresses],
      ...(options.iceServers && { iceServers: options.iceServers.map((server) => ({ ...server })) }),
      ...(options.ports && { icePortRange: [options.ports[0], options.ports[1]] }),
    })
    try {
      hooks.prepare(connection, werift)
      const candidate = remoteCandidate(request.remoteAddress, 9)
      const sdp = narrowOffer(request.offer, { codecs: request.codecs, feedback: request.feedback, candidate })
      await connection.setRemoteDescription({ type: 'offer', sdp })
      if (!options.iceServers?.some(({ urls }) => urls.startsWith('stun:'))) askNobody(connection)
      for (const transceiver of connection.getTransceivers()) transceiver.setDirection(request.direction)
      hooks.prepare(connection, werift)
      await connection.setLocalDescription(await connection.createAnswer())
      const answer = withPublicAddress(connection.localDescription?.sdp ?? '', options)
      if (!/^a=candidate:/m.test(answer))
        throw new MillraceError(
          'no_ice_port',
          'no UDP port is free for WebRTC: widen --webrtc-ports (of a gateway alone: -webrtcPorts), or name an address of this machine',
          { retryable: true },
        )
      const peer = new Peer(werift, connection, answer, hooks.onGone)
      peer.#watch(request.remoteAddress, options, hooks.onConnected)
      return peer
    } catch (cause) {
      await connection.close().catch(() => {})
      if (cause instanceof MillraceError) throw cause
      throw new MillraceError('bad_sdp', `the offer cannot be answered: ${errorText(cause)}`, { cause })
    }
  }

  get connected(): boolean {
    return this.#connected && !this.#closed
  }

  transceiver(kind: 'audio' | 'video'): RTCRtpTransceiver | undefined {
    return this.connection.getTransceivers().find((transceiver) => transceiver.kind === kind)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
    await this.connection.close().catch(() => {})
  }

  #watch(remoteAddress: string, options: WebRtcOptions, onConnected: () => void): void {
    const limitMs = options.connectWithinMs ?? 15_000
    const { connection } = this
    const later = (ms: number, action: () => void) => {
      const timer = setTimeout(action, ms)
      timer.unref()
      this.#timers.push(timer)
    }
    later(limitMs, () => this.#connected || this.#gone('timeout'))
    // The library gives up when no check is left to do; a further one keeps it listening for the client's own.
    for (let n = 1; n * 4_000 < limitMs; n++)
      later(n * 4_000, () => {
        if (this.#connected || this.#closed) return
        const candidate = remoteCandidate(remoteAddress, 9 + n)
        void connection.addIceCandidate({ candidate, sdpMLineIndex: 0 }).catch(() => {})
      })
    connection.connectionStateChange.subscribe((state) => {
      if (state === 'connected') {
        if (this.#connected) return
        this.#connected = true
        onConnected()
      } else if (state === 'closed') this.#gone('closed')
      else if (state === 'failed' && this.#connected) this.#gone('disconnected')
      else if (state === 'disconnected') this.#gone('disconnected')
    })
  }

  #gone(why: 'disconnected' | 'timeout' | 'closed'): void {
    if (this.#closed) return
    void this.close()
    this.#onGone(why)
  }
}

/** Without a STUN server of the operator's the library would ask one of others for this machine's address, and every offer would wait for it. */
export function askNobody(connection: RTCPeerConnection): void {
  for (const { iceTransport } of connection.dtlsTransports)
    (iceTransport.connection as { stunServer: unknown }).stunServer = undefined
}

/** A place at the client where nothing listens (RFC 863): checks go there until its own have arrived. */
const remoteCandidate = (address: string, port: number): string =>
  `${randomBytes(4).readUInt32BE(0)} 1 udp 1 ${address.replace(/^::ffff:/, '')} ${port} typ host`

/** Where a router forwards the ports, the client must hear of the router's address. */
function withPublicAddress(sdp: string, { publicAddress }: WebRtcOptions): string {
  if (publicAddress === undefined) return sdp
  return sdp.replace(/^(a=candidate:\S+ \d+ \S+ \d+ )(\S+)( \d+ typ host.*)$/gm, (line, before, _host, after) =>
    [line, `${before}${publicAddress}${after}`].join('\r\n'),
  )
}
