import { setMaxListeners } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, errorText, MillraceError, type Part } from '@millrace/base'
import type { Hashing } from '@millrace/base/node'
import {
  AudioProcess,
  CmafOrigin,
  type ComplexityProbe,
  type ComplexitySample,
  carriedFrames,
  fileSamples,
  HlsOrigin,
  isIpfsStore,
  MadeRecordings,
  openFileSource,
  openGeneratedSource,
  type Publication,
  type PublishAnswer,
  type PublishRequest,
  RecordingsOrigin,
  type Segment,
  segmentFrames,
  segmentFromBytes,
  VodJobs,
  type WebRtcAnswer,
  WebRtcServer,
} from '@millrace/media'
import { type ManifestId, manifestId, type NodeEventOf } from '@millrace/wire'
import type { GatewayConfig } from '../config/node-config.ts'
import { listenTls } from '../links/http/listen-tls.ts'
import { type Listening, listenPlain } from '../links/http/listening.ts'
import { TrustedProxies } from '../links/http/trusted-proxies.ts'
import { Admission } from './admission.ts'
import type { AuthWebhook, StreamGrant } from './auth-webhook.ts'
import type { Distribution } from './distribution/distribution.ts'
import { type ChoiceLog, type Explanation, explainChoice } from './explain.ts'
import { GatewayHttp } from './gateway-http.ts'
import type { PushedSegment } from './http-ingest.ts'
import type { GatewayDoor } from './join-doors.ts'
import { type ChosenLadder, LadderChoice } from './ladder-choice.ts'
import type { LiveAi } from './live-ai/live-ai.ts'
import { type LiveStream, LiveStreams, type LiveStreamsDeps } from './live-streams.ts'
import type { PushTo } from './multistream.ts'
import { PublisherDoors } from './publisher-doors.ts'
import { PublisherNames } from './publisher-names.ts'
import { PulledSources } from './pulled-sources.ts'
import { StoredFiles } from './stored-files.ts'
import type { StreamSegmentResult } from './stream.ts'
import { openTurn, turnBeside } from './turn-door.ts'
import { WEBRTC_PREFIX, type WhepOffer, type WhipOffer } from './webrtc-door.ts'
import { webRtcOptions } from './webrtc-options.ts'

const PUSH_IDLE_MS = 60_000
/** Of a file, from all over its length. */
const FILE_SAMPLES = 4
/** Until the publisher that takes over is there. */
const TAKEOVER_MS = 5_000

export type GatewayDeps = Omit<LiveStreamsDeps, 'origin' | 'cmaf' | 'audio' | 'onEnd'> & {
  readonly choices: ChoiceLog
  /** Says which streams may begin; without one all may. */
  readonly auth?: Pick<AuthWebhook, 'ask'> | undefined
  readonly hashing: Hashing
  /** Has viewers served by orchestrators. */
  readonly distribution?: Pick<Distribution, 'cmaf' | 'hls' | 'explain'> | undefined
  /** Takes AI jobs at the HTTP port. */
  readonly ai?: GatewayDoor | undefined
  /** Takes live streams for AI pipelines at its doors; closed with the gateway. */
  readonly liveAi?: Pick<LiveAi, 'attach' | 'owns' | 'answer' | 'claims' | 'takes' | 'stop'> | undefined
  /** Looks how hard sources are to encode, with -perTitle; closed with the gateway. */
  readonly probe?: Pick<ComplexityProbe, 'prepare' | 'measure' | 'close'> | undefined
  readonly clock: Clock
}

/** How a publication becomes a stream. */
export type PublishOptions = {
  readonly manifestId?: ManifestId
  readonly samples?: readonly ComplexitySample[] | undefined
  /** No renditions are bought. */
  readonly shownAsIs?: boolean
  /** Servers that it is pushed to, beside those of the configuration. */
  readonly pushTo?: readonly PushTo[] | undefined
}
const SHOWN_AS_IS: StreamGrant = { manifestId: undefined, ladder: [] }

/** The buyer's doors: RTMP and HTTP in, HLS out; every stream buys its renditions through its own SegmentBuyer. */
export class Gateway implements Part {
  readonly name = 'gateway'
  readonly #config: GatewayConfig
  readonly #deps: GatewayDeps
  readonly #streams: LiveStreams
  readonly #names: PublisherNames
  readonly #origin = new HlsOrigin({})
  readonly #cmaf: CmafOrigin
  readonly #admission = new Admission()
  /** Pushed streams that the webhook gave another name, by the publisher's. */
  readonly #renamed = new Map<ManifestId, ManifestId>()
  readonly #asking = new Map<ManifestId, Promise<LiveStream>>()
  readonly #ladders: LadderChoice
  readonly #audio: AudioProcess | undefined
  readonly #doors: PublisherDoors
  readonly #pulled: PulledSources
  readonly #made: MadeRecordings | undefined
  readonly #webrtc: WebRtcServer
  readonly #http: GatewayHttp
  #listening: Listening | undefined
  #leaveTurn: () => void = () => {}

  constructor(config: GatewayConfig, deps: GatewayDeps) {
    this.#config = config
    this.#deps = deps
    const { distribution, recordStore, objectStore, auth, probe, log } = deps
    this.#webrtc = new WebRtcServer(webRtcOptions(config), { log })
    this.#audio = config.opus ? new AudioProcess({ log }) : undefined
    this.#ladders = new LadderChoice(config, { probe, log })
    this.#cmaf = new CmafOrigin({ dvrMs: config.dvrMs ?? 0 })
    this.#streams = new LiveStreams(config, {
      ...deps,
      origin: this.#origin,
      cmaf: this.#cmaf,
      audio: this.#audio,
      onEnd: (id) => {
        for (const [published, name] of this.#renamed) if (name === id) this.#renamed.delete(published)
      },
    })
    const ask = auth && ((url: string) => this.#ask(auth, url))
    this.#names = new PublisherNames({ takeover: config.takeover ?? false }, { streams: this.#streams, ask })
    this.#doors = new PublisherDoors(config, {
      log,
      onPublish: (request) => deps.liveAi?.claims(request) ?? this.#mayPublish(request),
      onPublication: (publication) => void (deps.liveAi?.takes(publication) || this.#take(publication)),
    })
    this.#pulled = new PulledSources({ log, publish: (publication, options) => this.publish(publication, options) })
    const isLive = (id: string) => this.#streams.records(id as ManifestId)
    this.#made = recordStore && new MadeRecordings({ store: recordStore, jobs: new VodJobs(), log })
    this.#http = new GatewayHttp(config, {
      viewed: {
        hls: distribution?.hls(this.#origin) ?? this.#origin,
        cmaf: distribution?.cmaf(this.#cmaf) ?? this.#cmaf,
      },
      cmaf: this.#cmaf,
      stored: new StoredFiles({
        recordings: recordStore && new RecordingsOrigin({ store: recordStore, isLive, made: this.#made, log }),
        ipfs: [recordStore, objectStore].filter((store) => store !== undefined).filter(isIpfsStore),
        mayWatch: ask,
        log,
      }),
      ai: deps.ai,
      liveAi: deps.liveAi,
      proxies: new TrustedProxies(config.trustedProxies ?? []),
      webrtc: {
        server: this.#webrtc,
        judgesKeys: auth !== undefined,
        publish: (offer) => this.#publishWebRtc(offer),
        play: (offer) => this.#playWebRtc(offer),
      },
      pushed: {
        enter: (id) => this.#admission.enter(id),
        gone: ({ manifestId, seq }, when) => deps.tell({ type: 'publisher_gone', manifestId, seq, when }),
        push: (segment, options) => this.push(segment, options),
      },
      ownUrl: () => this.publicHttpUrl,
      latest: () => this.#streams.latest,
      end: async (named) => {
        const id = this.#renamed.get(named) ?? named
        const isThere = this.#streams.get(id) !== undefined
        await this.#streams.end(id, 'ended by its publisher')
        return isThere
      },
    })
    deps.liveAi?.attach({
      webrtc: this.#webrtc,
      show: (publication, options) => this.publish(publication, { ...options, shownAsIs: true }),
      play: (offer) => this.#playWebRtc(offer),
      isFree: (id) => !this.#streams.get(id),
      ownUrl: () => this.publicHttpUrl,
      ask,
    })
  }

  /** Where segments are pushed and playlists are read. */
  get httpUrl(): string {
    const { tls, http } = this.#config
    return `${tls ? 'https' : 'http'}://${http.host}:${this.#listening?.port ?? http.port}`
  }

  /** The same as services outside are told it. */
  get publicHttpUrl(): string {
    return this.#publicUrl(this.httpUrl)
  }

  /** Publishers and viewers by WebRTC at this moment. */
  get webRtcSessions(): number {
    return this.#webrtc.sessions
  }

  get rtmpPort(): number | undefined {
    return this.#doors.rtmpPort
  }

  get rtmpsPort(): number | undefined {
    return this.#doors.rtmpsPort
  }

  get srtPort(): number | undefined {
    return this.#doors.srtPort
  }

  /** Why the orchestrators of a stream were chosen, for GET /explain; undefined for a stream that made no choice. */
  readonly explain = (id: string): Explanation | undefined => {
    const choices = this.#deps.choices.get(id as ManifestId)
    const edges = this.#deps.distribution?.explain(id)
    return choices && { manifestId: id as ManifestId, choices: choices.map(explainChoice), ...(edges && { edges }) }
  }

  async start(): Promise<void> {
    const { http, tls } = this.#config
    const at = { ...http, flag: '--http-port (of a gateway alone: -httpAddr)', onUpgrade: this.#deps.ai?.upgrade }
    const handle = (request: IncomingMessage, response: ServerResponse) => void this.#http.handle(request, response)
    this.#listening = tls
      ? await listenTls(handle, { ...at, ...tls, turnPort: turnBeside(this.#config) }, this.#deps)
      : await listenPlain(handle, at)
    this.#ladders.prepare()
    await this.#doors.start()
    this.#leaveTurn = await openTurn(this.#webrtc, this.#config, this.#deps)
    this.#pulled.start(this.#config.sources ?? [])
    if (this.#config.source) await this.#openSource(this.#config.source)
  }

  async stop(): Promise<void> {
    this.#streams.refuse()
    await this.#doors.stop()
    await this.#deps.liveAi?.stop()
    const pulled = this.#pulled.stop()
    this.#leaveTurn()
    await this.#webrtc.stop()
    await this.#streams.stop()
    await pulled
    await this.#made?.close()
    await this.#ladders.close()
    await this.#audio?.close()
    await this.#listening?.close()
  }

  /**
   * Runs a publication from any door as a live stream until it ends.
   * Without a name of its own the stream gets one; throws `stream_exists` or `stream_limit`.
   */
  async publish(publication: Publication, options: PublishOptions = {}): Promise<void> {
    const grant = options.shownAsIs ? SHOWN_AS_IS : this.#names.takeGrant(publication)
    const id = options.manifestId ?? grant?.manifestId ?? this.#names.nameOf(publication)
    const { ladder, perTitle, frames } = await this.#fitted(id, publication, grant, options.samples)
    const live =
      (await this.#rejoin(id)) ??
      this.#streams.begin(id, ingestOf(publication), {
        ladder,
        perTitle,
        compareOneIn: grant?.compareOneIn,
        verificationFreq: grant?.verificationFreq,
      })
    let done: () => void = () => {}
    live.publisher = {
      publication,
      done: new Promise((resolve) => {
        done = resolve
      }),
    }
    const { signal } = live.stop
    const onAbort = () => void publication.close()
    signal.addEventListener('abort', onAbort, { once: true })
    let reason = 'finished'
    let brokeOff = false
    try {
      live.feeds.publisher(publication.direct)
      const firstSeq = live.nextSeq
      const segments = segmentFrames(
        frames,
        { manifestId: id, signal, firstSeq, discontinuity: firstSeq > 0 },
        { hashing: this.#deps.hashing },
      )
      await live.stream.run(countedInto(live, segments), { signal })
      const end = await publication.ended
      reason = end.error ? errorText(end.error) : end.reason
      brokeOff = end.reason !== 'finished' && end.reason !== 'closed'
      if (end.error) this.#warn(id, reason)
    } catch (error) {
      reason = errorText(error)
      brokeOff = true
      if (!signal.aborted) this.#warn(id, reason)
    } finally {
      signal.removeEventListener('abort', onAbort)
      await publication.close()
      live.publisher = undefined
      await this.#afterPublisher(live, { reason, brokeOff })
      done()
    }
  }

  /** A stream whose publisher is gone waits for it where it broke off, and ends otherwise. */
  async #afterPublisher(live: LiveStream, how: { readonly reason: string; readonly brokeOff: boolean }): Promise<void> {
    const id = live.stream.manifestId
    const window = Math.max(this.#config.reconnectMs ?? 0, how.reason === 'replaced' ? TAKEOVER_MS : 0)
    if (live.joining > 0 && !this.#streams.stopping) return
    if (!how.brokeOff || window === 0 || this.#streams.stopping) return this.#streams.end(id, how.reason)
    this.#deps.log.info('a stream waits for its publisher', {
      manifestId: id,
      reason: how.reason,
      seconds: window / 1_000,
    })
    live.timer = setTimeout(() => void this.#streams.end(id, how.reason), window)
    live.timer.unref()
  }

  /** The stream of that name which waits for a publisher, or whose publisher is replaced; undefined where there is none such. */
  async #rejoin(id: ManifestId): Promise<LiveStream | undefined> {
    const live = this.#streams.get(id)
    if (!live || !this.#names.mayJoin(live)) return undefined
    live.joining++
    try {
      clearTimeout(live.timer)
      while (live.publisher) {
        void live.publisher.publication.close()
        await live.publisher.done
      }
      return this.#streams.get(id) === live ? live : undefined
    } finally {
      live.joining--
    }
  }

  /** The renditions that suit the source, which waits for its first picture where that decides; and its frames, none of them lost. */
  async #fitted(
    id: ManifestId,
    publication: Publication,
    grant: StreamGrant | undefined,
    samples: readonly ComplexitySample[] | undefined,
  ): Promise<Awaited<ReturnType<LadderChoice['ofFrames']>>> {
    const frames = carriedFrames(publication.frames)
    if (grant?.ladder || this.#streams.get(id)) return { ladder: grant?.ladder, frames }
    // The name is taken meanwhile.
    const release = this.#names.hold(id)
    try {
      return await this.#ladders.ofFrames(id, frames, samples)
    } finally {
      release()
    }
  }

  #take(publication: Publication): void {
    this.publish(publication).catch((error) => {
      this.#deps.log.warn('a publication was refused', { error: errorText(error) })
      void publication.close()
    })
  }

  #warn(id: ManifestId, reason: string): void {
    this.#deps.log.warn('a stream failed', { manifestId: id, error: reason })
    this.#deps.tell({ type: 'warning', code: 'source_failed', message: `stream ${id} ended: ${reason}` })
  }

  /** Takes one pushed segment; the stream begins with its first and ends after a minute without one. */
  async push(segment: PushedSegment, options: { readonly signal: AbortSignal }): Promise<StreamSegmentResult> {
    const { seq, data, container, durationMs } = segment
    const live = await this.#pushedTo(segment)
    const id = live.stream.manifestId
    clearTimeout(live.timer)
    live.pushing++
    try {
      const whole = segmentFromBytes(
        { manifestId: id, seq, data, container, durationMs },
        { hashing: this.#deps.hashing },
      )
      const signal = AbortSignal.any([options.signal, live.stop.signal])
      setMaxListeners(0, signal)
      return await live.stream.push(whole, { signal })
    } finally {
      live.pushing--
      // The minute begins with the last segment under way; a stream that ended meanwhile has no say over its successor.
      if (live.pushing === 0 && this.#streams.get(id) === live) {
        live.timer = setTimeout(() => void this.#streams.end(id, 'no segment for a minute'), PUSH_IDLE_MS)
        live.timer.unref()
      }
    }
  }

  /** The stream that a pushed segment belongs to; the first one asks the webhook, and those that come meanwhile wait with it. */
  async #pushedTo(segment: PushedSegment): Promise<LiveStream> {
    const { manifestId: id, seq, container, clientIp, askedUrl } = segment
    const live = this.#streams.get(this.#renamed.get(id) ?? id)
    const { auth } = this.#deps
    if (live) return live
    if (!auth && !this.#config.perTitle) return this.#streams.begin(id, 'http', { clientIp })
    const asked = this.#asking.get(id)
    if (asked) return asked
    const url = `${askedUrl ?? this.#publicUrl(this.httpUrl)}/live/${id}/${seq}${container === 'mp4' ? '.mp4' : '.ts'}`
    const asking = (auth ? this.#ask(auth, url) : Promise.resolve<Partial<StreamGrant>>({}))
      .then(async ({ manifestId: name = id, ladder, compareOneIn, verificationFreq }) => {
        const chosen: ChosenLadder = ladder ? { ladder } : await this.#ladders.ofSegment(name, segment)
        const begun = this.#streams.begin(name, 'http', {
          ...chosen,
          compareOneIn,
          verificationFreq,
          clientIp,
        })
        if (name !== id) this.#renamed.set(id, name)
        return begun
      })
      .finally(() => this.#asking.delete(id))
    this.#asking.set(id, asking)
    return asking
  }

  /** Asks the webhook, and tells how long it took, whatever it said. */
  async #ask(auth: Pick<AuthWebhook, 'ask'>, url: string): Promise<StreamGrant> {
    const began = performance.now()
    try {
      return await auth.ask(url)
    } finally {
      this.#deps.tell({ type: 'auth_webhook_answered', elapsedMs: Math.round(performance.now() - began) })
    }
  }

  /** An own address as services outside are told it: with the host of -gatewayHost where there is one. */
  #publicUrl(own: string): string {
    const { publicHost } = this.#config
    return publicHost === undefined ? own : own.replace(/\/\/.*(?=:\d+$)/, `//${publicHost}`)
  }

  /** Opens the source that the configuration names; a source that cannot be opened fails the start. */
  async #openSource(source: NonNullable<GatewayConfig['source']>): Promise<void> {
    const { log, probe } = this.#deps
    const { name } = source
    const samples =
      source.kind === 'file' && this.#config.perTitle && probe
        ? await fileSamples(source.path, FILE_SAMPLES, this.#deps)
        : undefined
    const publication =
      source.kind === 'file'
        ? await openFileSource({ path: source.path, allowPrivate: true, name, loop: source.loop }, { log })
        : await openGeneratedSource(source, { log })
    this.publish(publication, { manifestId: manifestId(name), samples }).catch((error) =>
      log.warn('the source was not taken', { name, error: errorText(error) }),
    )
  }

  async #mayPublish(request: PublishRequest): Promise<PublishAnswer> {
    const { kind, app, name, query } = request
    const { host, port } = this.#config[kind] ?? { host: '127.0.0.1', port: 1935 }
    try {
      const at = this.#publicUrl(`${kind}://${host}:${port}`)
      await this.#names.admit(request, `${at}/${app}/${name}${query === '' ? '' : `?${query}`}`)
      return { accept: true, replace: this.#config.takeover === true }
    } catch (error) {
      return { accept: false, reason: errorText(error) }
    }
  }

  /** Answers a publisher by WebRTC; its stream begins when it is connected. */
  async #publishWebRtc({ name, key, query, sdp, remoteAddress }: WhipOffer): Promise<WebRtcAnswer> {
    const request = { app: 'live', name: key === '' ? name : `${name}/${key}` }
    const url = `${this.#publicUrl(this.httpUrl)}${WEBRTC_PREFIX}whip/${request.name}${query === '' ? '' : `?${query}`}`
    const id = await this.#names.admit(request, url)
    if (id === undefined) throw new MillraceError('bad_name', 'a stream needs a name: /webrtc/whip/<stream>')
    this.#names.checkFree(id)
    const release = this.#names.hold(id)
    try {
      return await this.#webrtc.publish(
        { ...request, sdp, remoteAddress },
        { onPublication: (publication) => this.#take(publication), onEnd: release },
      )
    } catch (error) {
      release()
      this.#names.takeGrant(request)
      throw error
    }
  }

  /** Answers a viewer by WebRTC. */
  async #playWebRtc({ manifestId: id, rendition, sdp, remoteAddress, maxViewers }: WhepOffer): Promise<WebRtcAnswer> {
    const live = this.#streams.get(id)
    if (!live) throw new MillraceError('stream_not_live', `there is no live stream named ${id}`)
    const renditions = live.feeds.choose(rendition, this.#webrtc.audio)
    return this.#webrtc.play({ stream: id, sdp, remoteAddress, maxViewers }, renditions)
  }
}

/** Notes how far the stream has come, for a publisher that goes on with it. */
async function* countedInto(live: LiveStream, segments: AsyncIterable<Segment>): AsyncGenerator<Segment> {
  for await (const segment of segments) {
    live.nextSeq = segment.seq + 1
    yield segment
  }
}

const ingestOf = ({ kind }: Publication): NodeEventOf<'stream_started'>['ingest'] => kind
