import { iceServersOf } from './ice-servers.ts'

const FIRST_PAUSE_MS = 1_000
const MAX_PAUSE_MS = 15_000

export type PublishState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** It is tried again by itself. */
  | { readonly kind: 'lost'; readonly why: string }
  /** Trying again would be of no use. */
  | { readonly kind: 'refused'; readonly status: number; readonly why: string }

/** Publishes a camera by WHIP until it is stopped, and again where the connection breaks. */
export class WhipPublisher {
  readonly #url: string
  readonly #key: string
  #media: MediaStream
  readonly #tell: (state: PublishState) => void
  #connection: RTCPeerConnection | undefined
  #session: string | undefined
  #timer: number | undefined
  #pauseMs = FIRST_PAUSE_MS
  #stopped = false

  constructor(
    options: { readonly stream: string; readonly key: string; readonly media: MediaStream },
    tell: (state: PublishState) => void,
  ) {
    this.#url = `/webrtc/whip/${encodeURIComponent(options.stream)}`
    this.#key = options.key
    this.#media = options.media
    this.#tell = tell
    void this.#connect()
  }

  /** Another camera takes the place of the first, without a new session. */
  async show(media: MediaStream): Promise<void> {
    this.#media = media
    const senders = this.#connection?.getSenders() ?? []
    for (const track of media.getTracks())
      await senders.find((one) => one.track?.kind === track.kind)?.replaceTrack(track)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#hangUp()
  }

  async #connect(): Promise<void> {
    this.#tell({ kind: 'connecting' })
    try {
      const connection = new RTCPeerConnection({ iceServers: await this.#iceServers() })
      this.#connection = connection
      for (const track of this.#media.getTracks())
        connection.addTransceiver(track, { direction: 'sendonly', streams: [this.#media] })
      connection.onconnectionstatechange = () => this.#changed(connection)
      await connection.setLocalDescription()
      const answer = await fetch(this.#url, {
        method: 'POST',
        body: connection.localDescription?.sdp ?? '',
        headers: {
          'content-type': 'application/sdp',
          ...(this.#key !== '' && { authorization: `Bearer ${this.#key}` }),
        },
      })
      const text = await answer.text()
      if (answer.status !== 201) return this.#refused(answer.status, text.trim())
      this.#session = answer.headers.get('location') ?? undefined
      if (this.#stopped) return this.#hangUp()
      await connection.setRemoteDescription({ type: 'answer', sdp: text })
    } catch (error) {
      this.#lost(error instanceof Error ? error.message : String(error))
    }
  }

  async #iceServers(): Promise<RTCIceServer[]> {
    const { headers } = await fetch(this.#url, { method: 'OPTIONS' })
    return iceServersOf(headers.get('link'))
  }

  #changed(connection: RTCPeerConnection): void {
    if (this.#connection !== connection) return
    const { connectionState } = connection
    if (connectionState === 'connected') {
      this.#pauseMs = FIRST_PAUSE_MS
      this.#tell({ kind: 'live' })
    } else if (connectionState === 'failed' || connectionState === 'disconnected') this.#lost('the connection broke')
  }

  #refused(status: number, why: string): void {
    // Busy, or the name is still that of the connection before: both pass.
    if (status === 409 || status === 429 || status >= 500) return this.#lost(why)
    this.#hangUp()
    this.#tell({ kind: 'refused', status, why })
  }

  #lost(why: string): void {
    this.#hangUp()
    if (this.#stopped) return
    this.#tell({ kind: 'lost', why })
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => void this.#connect(), this.#pauseMs)
    this.#pauseMs = Math.min(MAX_PAUSE_MS, this.#pauseMs * 2)
  }

  #hangUp(): void {
    if (this.#session !== undefined) void fetch(this.#session, { method: 'DELETE', keepalive: true }).catch(() => {})
    this.#session = undefined
    this.#connection?.close()
    this.#connection = undefined
  }
}
