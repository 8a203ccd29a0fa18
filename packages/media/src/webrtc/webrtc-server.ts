import { randomBytes } from 'node:crypto'
import { type Log, MillraceError, type Part } from '@millrace/base'
import { AudioProcess } from '../audio/audio-process.ts'
import { type RenditionChoice, WhepSession } from '../deliver/whep/whep-session.ts'
import type { Publication } from '../ingest/publication.ts'
import { WhipSession } from '../ingest/whip/whip-session.ts'
import { OfferRate } from './offer-rate.ts'
import { readOffer } from './sdp.ts'
import { SessionEndpoints } from './session-endpoints.ts'
import { type TurnCertificate, TurnServer } from './turn/turn-server.ts'
import type { IceServer, WebRtcOptions } from './webrtc-options.ts'

/** A session as its client sees it: the answer to its offer, and what it is called from then on. */
export type WebRtcAnswer = { readonly id: string; readonly etag: string; readonly sdp: string }

type Session = {
  readonly kind: 'whip' | 'whep'
  /** The stream that a viewer watches. */
  readonly stream: string | undefined
  readonly ufrag: string | undefined
  readonly etag: string
  close(): void
}

/** Publishers and viewers by WebRTC. It opens no port but that of TURN, and loads no library, before the first session. */
export class WebRtcServer implements Part {
  readonly name = 'webrtc'
  readonly #options: WebRtcOptions
  readonly #log: Log
  readonly #rate: OfferRate
  readonly #audio: AudioProcess
  readonly #sessions = new Map<string, Session>()
  readonly #endpoints: SessionEndpoints
  readonly #turn: TurnServer | undefined
  #opening = 0
  #stopped = false

  constructor(options: WebRtcOptions, deps: { readonly log: Log }) {
    this.#options = options
    this.#log = deps.log
    this.#rate = new OfferRate({ perMinute: options.offersPerMinute ?? 60 })
    this.#audio = new AudioProcess(deps)
    this.#endpoints = new SessionEndpoints(options)
    this.#turn = options.turn && new TurnServer(options.turn, { ...deps, peers: this.#endpoints })
  }

  /** Converts sound for whoever delivers by WebRTC. */
  get audio(): AudioProcess {
    return this.#audio
  }

  get sessions(): number {
    return this.#sessions.size
  }

  /** STUN and TURN servers as one client is told them, with a name and a password of its own. */
  iceServers(): readonly IceServer[] {
    return [...(this.#options.iceServers ?? []), ...(this.#turn?.iceServers() ?? [])]
  }

  /** Throws `port_in_use` or `cannot_listen` for the ports of TURN. */
  async start(): Promise<void> {
    await this.#turn?.start()
  }

  /** The certificate of TURN over TLS, and later those that follow it. */
  async setCertificate(pair: TurnCertificate): Promise<void> {
    await this.#turn?.setCertificate(pair)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const session of [...this.#sessions.values()]) session.close()
    await this.#turn?.stop()
    await this.#audio.close()
  }

  /** Counts an offer of an address before anything is done for it; throws `too_many_offers`, `session_limit` or `stopping`. */
  admit(remoteAddress: string): void {
    if (this.#stopped) throw new MillraceError('stopping', 'the gateway is stopping', { retryable: true })
    this.#rate.take(remoteAddress)
    this.#checkRoom()
  }

  /** Answers a publisher (WHIP); throws `session_limit`, `sdp_too_large`, `bad_sdp`, `codec_not_offered`, `no_ice_port` or `no_webrtc`. */
  async publish(
    request: { readonly app: string; readonly name: string; readonly sdp: string; readonly remoteAddress: string },
    deps: { onPublication(publication: Publication): void; onEnd(): void },
  ): Promise<WebRtcAnswer> {
    const { app, name, sdp, remoteAddress } = request
    const offer = readOffer(sdp)
    return this.#add('whip', undefined, sdp, async (gone) => {
      const session = await WhipSession.open({ app, name, offer, remoteAddress }, this.#options, {
        log: this.#log,
        audio: this.#audio,
        onPublication: (publication) => deps.onPublication(publication),
        onEnd: () => {
          gone()
          deps.onEnd()
        },
      })
      return { answer: session.answer, close: () => session.end({ reason: 'closed' }) }
    })
  }

  /** Answers a viewer (WHEP); throws as `publish` does, and `viewer_limit` or `rendition_has_b_frames`. */
  async play(
    request: {
      readonly stream: string
      readonly sdp: string
      readonly remoteAddress: string
      /** Where this stream may have fewer viewers, or more. */
      readonly maxViewers?: number | undefined
    },
    renditions: RenditionChoice,
  ): Promise<WebRtcAnswer> {
    const { stream, sdp, remoteAddress } = request
    const offer = readOffer(sdp)
    const most = request.maxViewers ?? this.#options.maxViewersOfStream ?? 100
    const viewers = [...this.#sessions.values()].filter((session) => session.stream === stream).length
    if (viewers >= most)
      throw new MillraceError('viewer_limit', `the stream has ${most} viewers already: try again later`, {
        retryable: true,
      })
    return this.#add('whep', stream, sdp, async (gone) => {
      const session = await WhepSession.open({ offer, remoteAddress }, this.#options, {
        log: this.#log,
        renditions,
        onEnd: gone,
      })
      return { answer: session.answer, close: () => session.end('closed') }
    })
  }

  /** What is known of a session; undefined when there is none. */
  session(id: string): Pick<Session, 'kind' | 'etag' | 'ufrag'> | undefined {
    return this.#sessions.get(id)
  }

  /** Ends a session at its client's wish; false when there is none. */
  end(id: string): boolean {
    const session = this.#sessions.get(id)
    session?.close()
    return session !== undefined
  }

  async #add(
    kind: Session['kind'],
    stream: string | undefined,
    offer: string,
    open: (gone: () => void) => Promise<{ readonly answer: string; close(): void }>,
  ): Promise<WebRtcAnswer> {
    this.#checkRoom()
    // Whoever knows the id may end the session: it must not be guessed.
    const id = randomBytes(16).toString('hex')
    let over = false
    this.#opening++
    try {
      const { answer, close } = await open(() => {
        over = true
        this.#sessions.delete(id)
        this.#endpoints.remove(id)
      })
      if (!over) this.#endpoints.add(id, answer)
      const etag = `"${randomBytes(8).toString('hex')}"`
      const ufrag = /^a=ice-ufrag:(\S+)/m.exec(offer)?.[1]
      if (!over) this.#sessions.set(id, { kind, stream, ufrag, etag, close })
      if (this.#stopped) close()
      return { id, etag, sdp: answer }
    } finally {
      this.#opening--
    }
  }

  #checkRoom(): void {
    const most = this.#options.maxSessions ?? 200
    if (this.#sessions.size + this.#opening >= most)
      throw new MillraceError('session_limit', `there are ${most} WebRTC sessions already: try again later`, {
        retryable: true,
      })
  }
}
