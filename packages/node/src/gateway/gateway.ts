import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, errorText, type Log, MillraceError, type Part } from '@millrace/base'
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
  type ObjectStore,
  OpusFeed,
  openFileSource,
  openGeneratedSource,
  type Publication,
  type PublishAnswer,
  type PublishRequest,
  parsePublishPath,
  Recorder,
  type RecorderDeps,
  RecordingsOrigin,
  type Segment,
  segmentFrames,
  segmentFromBytes,
  VodJobs,
  type WebRtcAnswer,
  WebRtcServer,
} from '@millrace/media'
import {
  isManifestId,
  type ManifestId,
  manifestId,
  type NodeEventOf,
  type TellEvent,
  type VideoProfile,
} from '@millrace/wire'
import type { GatewayConfig } from '../config/node-config.ts'
import { listenTls } from '../links/http/listen-tls.ts'
import { type Listening, listenPlain } from '../links/http/listening.ts'
import { TrustedProxies } from '../links/http/trusted-proxies.ts'
import { Admission, cutSlowReader } from './admission.ts'
import type { AuthWebhook, StreamGrant } from './auth-webhook.ts'
import type { SegmentBuyer } from './buyer.ts'
import { answerCmaf } from './cmaf-answer.ts'
import type { Distribution } from './distribution/distribution.ts'
import { type ChoiceLog, type Explanation, explainChoice } from './explain.ts'
import { isForeignPage } from './foreign-page.ts'
import { handlePush, type PushedSegment } from './http-ingest.ts'
import { type ChosenLadder, LadderChoice } from './ladder-choice.ts'
import { Multistream } from './multistream.ts'
import { PulledSources } from './pulled-sources.ts'
import { RtmpDoors } from './rtmp-doors.ts'
import { SegmentShelf } from './segment-shelf.ts'
import { StoredFiles } from './stored-files.ts'
import { Stream, type StreamSegmentResult } from './stream.ts'
import { StreamFeeds } from './stream-feeds.ts'
import { openTurn, turnBeside } from './turn-door.ts'
import { handleWebRtc, WEBRTC_PREFIX, type WhepOffer, type WhipOffer } from './webrtc-door.ts'
import { webRtcOptions } from './webrtc-options.ts'

const PUSH_IDLE_MS = 60_000
const ENDED_KEPT_MS = 60_000
const STOP_WITHIN_MS = 8_000
const MAX_GRANTS = 1_000
/** Of a file, from all over its length. */
const FILE_SAMPLES = 4
/** Until the publisher that takes over is there. */
const TAKEOVER_MS = 5_000
const CURRENT_PATH = '/stream/current.m3u8'

export type GatewayDeps = {
  readonly openBuyer: (stream: {
    readonly manifestId: ManifestId
    readonly ladder: readonly VideoProfile[]
    readonly compareOneIn?: number | undefined
    readonly verificationFreq?: number | undefined
  }) => Pick<SegmentBuyer, 'buy' | 'buyLive' | 'close'>
  readonly choices: ChoiceLog
  /** Says which streams may begin; without one all may. */
  readonly auth?: Pick<AuthWebhook, 'ask'> | undefined
  readonly hashing: Hashing
  /** Where segments are put for players and orchestrators. */
  readonly objectStore?: ObjectStore | undefined
  /** Where streams are recorded, under the name of this node. */
  readonly recordStore?: ObjectStore | undefined
  /** Has viewers served by orchestrators. */
  readonly distribution?: Pick<Distribution, 'cmaf' | 'hls' | 'explain'> | undefined
  readonly nodeId?: string
  /** Looks how hard sources are to encode, with -perTitle; closed with the gateway. */
  readonly probe?: Pick<ComplexityProbe, 'prepare' | 'measure' | 'close'> | undefined
  readonly clock: Clock
  readonly tell: TellEvent
  readonly log: Log
}

type LiveStream = {
  readonly stream: Stream
  readonly feeds: StreamFeeds
  readonly recorder: Recorder | undefined
  readonly multistream: Multistream
  readonly stop: AbortController
  /** Pushed segments under way. */
  pushing: number
  /** True for a stream of frames, which has one publisher at a time; false for one of pushed segments. */
  readonly published: boolean
  publisher?: { readonly publication: Publication; readonly done: Promise<void> } | undefined
  /** Publishers that are about to go on with the stream. */
  joining: number
  nextSeq: number
  timer?: ReturnType<typeof setTimeout>
}

/** The buyer's doors: RTMP and HTTP in, HLS out; every stream buys its renditions through its own SegmentBuyer. */
export class Gateway implements Part {
  readonly name = 'gateway'
  readonly #config: GatewayConfig
  readonly #deps: GatewayDeps
  readonly #streams = new Map<ManifestId, LiveStream>()
  readonly #ending = new Set<Promise<void>>()
  readonly #ended = new Map<ManifestId, ReturnType<typeof setTimeout>>()
  readonly #origin = new HlsOrigin({})
  readonly #cmaf: CmafOrigin
  /** The same as viewers see them. */
  readonly #viewed: { readonly hls: Pick<HlsOrigin, 'get'>; readonly cmaf: Pick<CmafOrigin, 'get'> }
  readonly #proxies: TrustedProxies
  readonly #admission = new Admission()
  /** What was granted to RTMP publishers, by the path they publish to, until their stream begins. */
  readonly #grants = new Map<string, StreamGrant>()
  /** Pushed streams that the webhook gave another name, by the publisher's. */
  readonly #renamed = new Map<ManifestId, ManifestId>()
  readonly #asking = new Map<ManifestId, Promise<LiveStream>>()
  readonly #ladders: LadderChoice
  /** Makes Opus, where that is wanted for players. */
  readonly #audio: AudioProcess | undefined
  /** Streams whose publishers by WebRTC were answered and are not gone. */
  readonly #offered = new Set<ManifestId>()
  readonly #rtmp: RtmpDoors
  readonly #pulled: PulledSources
  readonly #stored: StoredFiles
  readonly #made: MadeRecordings | undefined
  /** Streams that are over and whose last segments are being saved. */
  readonly #recording = new Set<ManifestId>()
  readonly #webrtc: WebRtcServer
  #listening: Listening | undefined
  #leaveTurn: () => void = () => {}
  #latest: ManifestId | undefined
  #stopping = false

  constructor(config: GatewayConfig, deps: GatewayDeps) {
    this.#config = config
    this.#proxies = new TrustedProxies(config.trustedProxies ?? [])
    this.#deps = deps
    this.#webrtc = new WebRtcServer(webRtcOptions(config), { log: deps.log })
    this.#audio = config.opus ? new AudioProcess({ log: deps.log }) : undefined
    this.#ladders = new LadderChoice(config, { probe: deps.probe, log: deps.log })
    this.#cmaf = new CmafOrigin({ dvrMs: config.dvrMs ?? 0 })
    const { distribution } = deps
    this.#viewed = {
      hls: distribution?.hls(this.#origin) ?? this.#origin,
      cmaf: distribution?.cmaf(this.#cmaf) ?? this.#cmaf,
    }
    this.#rtmp = new RtmpDoors(config, {
      log: deps.log,
      onPublish: (request) => this.#mayPublish(request),
      onPublication: (publication) => this.#take(publication),
    })
    this.#pulled = new PulledSources({
      log: deps.log,
      publish: (publication, options) => this.publish(publication, options),
    })
    const { recordStore, objectStore, auth, log } = deps
    const isLive = (id: string) => this.#streams.has(id as ManifestId) || this.#recording.has(id as ManifestId)
    this.#made = recordStore && new MadeRecordings({ store: recordStore, jobs: new VodJobs(), log })
    this.#stored = new StoredFiles({
      recordings: recordStore && new RecordingsOrigin({ store: recordStore, isLive, made: this.#made, log }),
      ipfs: [recordStore, objectStore].filter((store) => store !== undefined).filter(isIpfsStore),
      mayWatch: auth && ((url) => this.#ask(auth, url)),
      log,
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
    return this.#rtmp.port
  }

  get rtmpsPort(): number | undefined {
    return this.#rtmp.securePort
  }

  /** Why the orchestrators of a stream were chosen, for GET /explain; undefined for a stream that made no choice. */
  readonly explain = (id: string): Explanation | undefined => {
    const choices = this.#deps.choices.get(id as ManifestId)
    const edges = this.#deps.distribution?.explain(id)
    return choices && { manifestId: id as ManifestId, choices: choices.map(explainChoice), ...(edges && { edges }) }
  }

  async start(): Promise<void> {
    const { http, tls } = this.#config
    const at = { ...http, flag: '--http-port (of a gateway alone: -httpAddr)' }
    const handle = (request: IncomingMessage, response: ServerResponse) => void this.#handle(request, response)
    this.#listening = tls
      ? await listenTls(handle, { ...at, ...tls, turnPort: turnBeside(this.#config) }, this.#deps)
      : await listenPlain(handle, at)
    this.#ladders.prepare()
    await this.#rtmp.start()
    this.#leaveTurn = await openTurn(this.#webrtc, this.#config, this.#deps)
    this.#pulled.start(this.#config.sources ?? [])
    if (this.#config.source) await this.#openSource(this.#config.source)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#rtmp.stop()
    const pulled = this.#pulled.stop()
    this.#leaveTurn()
    await this.#webrtc.stop()
    await Promise.all([...this.#streams.keys()].map((id) => this.#end(id, 'the gateway is stopping')))
    await Promise.all(this.#ending)
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
  async publish(
    publication: Publication,
    options: { readonly manifestId?: ManifestId; readonly samples?: readonly ComplexitySample[] | undefined } = {},
  ): Promise<void> {
    const path = publishPath(publication)
    const grant = this.#grants.get(path)
    this.#grants.delete(path)
    const id = options.manifestId ?? grant?.manifestId ?? this.#nameOf(publication)
    const { ladder, perTitle, frames } = await this.#fitted(id, publication, grant, options.samples)
    const live =
      (await this.#rejoin(id)) ??
      this.#begin(id, ingestOf(publication), {
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
    if (live.joining > 0 && !this.#stopping) return
    if (!how.brokeOff || window === 0 || this.#stopping) return this.#end(id, how.reason)
    this.#deps.log.info('a stream waits for its publisher', {
      manifestId: id,
      reason: how.reason,
      seconds: window / 1_000,
    })
    live.timer = setTimeout(() => void this.#end(id, how.reason), window)
    live.timer.unref()
  }

  /** The stream of that name which waits for a publisher, or whose publisher is replaced; undefined where there is none such. */
  async #rejoin(id: ManifestId): Promise<LiveStream | undefined> {
    const live = this.#streams.get(id)
    if (!live || !this.#mayJoin(live)) return undefined
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

  #mayJoin(live: LiveStream): boolean {
    if (!live.published) return false
    return live.publisher === undefined ? live.joining === 0 : this.#config.takeover === true
  }

  /** The renditions that suit the source, which waits for its first picture where that decides; and its frames, none of them lost. */
  async #fitted(
    id: ManifestId,
    publication: Publication,
    grant: StreamGrant | undefined,
    samples: readonly ComplexitySample[] | undefined,
  ): Promise<Awaited<ReturnType<LadderChoice['ofFrames']>>> {
    const frames = carriedFrames(publication.frames)
    if (grant?.ladder || this.#streams.has(id)) return { ladder: grant?.ladder, frames }
    // The name is taken meanwhile.
    const isOffered = this.#offered.has(id)
    this.#offered.add(id)
    try {
      return await this.#ladders.ofFrames(id, frames, samples)
    } finally {
      if (!isOffered) this.#offered.delete(id)
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
        live.timer = setTimeout(() => void this.#end(id, 'no segment for a minute'), PUSH_IDLE_MS)
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
    if (!auth && !this.#config.perTitle) return this.#begin(id, 'http', { clientIp })
    const asked = this.#asking.get(id)
    if (asked) return asked
    const url = `${askedUrl ?? this.#publicUrl(this.httpUrl)}/live/${id}/${seq}${container === 'mp4' ? '.mp4' : '.ts'}`
    const asking = (auth ? this.#ask(auth, url) : Promise.resolve<Partial<StreamGrant>>({}))
      .then(async ({ manifestId: name = id, ladder, compareOneIn, verificationFreq }) => {
        const chosen: ChosenLadder = ladder ? { ladder } : await this.#ladders.ofSegment(name, segment)
        const begun = this.#begin(name, 'http', {
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

  /** With -currentManifest the stream that began last has a second name. */
  #playlistPath(pathname: string): string {
    const isCurrent = this.#config.currentManifest && pathname.toLowerCase() === CURRENT_PATH
    return isCurrent && this.#latest !== undefined ? `/stream/${this.#latest}.m3u8` : pathname
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

  #begin(
    id: ManifestId,
    ingest: NodeEventOf<'stream_started'>['ingest'],
    more: Partial<Pick<StreamGrant, 'compareOneIn' | 'verificationFreq'>> &
      Partial<ChosenLadder> & {
        readonly clientIp?: string | undefined
      } = {},
  ): LiveStream {
    const { ladder = this.#config.ladder, perTitle, compareOneIn, verificationFreq, clientIp } = more
    if (this.#stopping) throw new MillraceError('stopping', 'the gateway is stopping', { retryable: true })
    if (this.#streams.has(id)) throw new MillraceError('stream_exists', `there is a live stream named ${id} already`)
    const most = this.#config.maxStreams ?? 100
    if (this.#streams.size >= most)
      throw new MillraceError('stream_limit', `max sessions exceeded: ${most} streams are live`, { retryable: true })
    // A stream that comes back under its name begins its playlists anew.
    this.#forget(id)
    const renditionNames = ['source', ...ladder.map(({ name }) => name)]
    this.#origin.expect(id, renditionNames)
    this.#cmaf.expect(id, renditionNames)
    const log = this.#deps.log.child({ manifestId: id })
    const feeds = new StreamFeeds(ladder, { log })
    const { objectStore } = this.#deps
    const recorder = this.#record(id, log)
    const multistream = new Multistream(
      { manifestId: id, targets: this.#config.multistream ?? [] },
      { tell: this.#deps.tell, log },
    )
    const stream = new Stream(
      {
        manifestId: id,
        ladder,
        perTitle,
        ingest,
        clientIp,
        fastVerification: (verificationFreq ?? 0) > 0,
        lowLatency: this.#config.lowLatency ?? true,
      },
      {
        feeds,
        opus:
          this.#audio && ingest !== 'http'
            ? new OpusFeed(
                { manifestId: id, name: ladder.some(({ name }) => name === 'opus') ? 'opus~' : 'opus' },
                { origin: this.#cmaf, audio: this.#audio, log },
              )
            : undefined,
        origin: this.#origin,
        cmaf: this.#cmaf,
        buyer: this.#deps.openBuyer({ manifestId: id, ladder, compareOneIn, verificationFreq }),
        shelf: objectStore && new SegmentShelf({ manifestId: id, run: `${Date.now()}` }, { store: objectStore, log }),
        recorder,
        multistream,
        tell: this.#deps.tell,
        log,
      },
    )
    const live: LiveStream = {
      stream,
      feeds,
      recorder,
      multistream,
      stop: new AbortController(),
      pushing: 0,
      published: ingest !== 'http',
      joining: 0,
      nextSeq: 0,
    }
    // Every request of every segment under way listens here: more than Node takes for a leak.
    setMaxListeners(0, live.stop.signal)
    this.#streams.set(id, live)
    this.#latest = id
    return live
  }

  #record(id: ManifestId, log: Log): Recorder | undefined {
    const { recordStore: store, tell } = this.#deps
    if (!store) return undefined
    // Recordings of several gateways may lie in one store; a name with other letters could not be a key.
    const nodeId = (this.#deps.nodeId ?? 'gateway').replace(/[^\w.~-]/g, '_')
    const onLost = (error: unknown) =>
      tell({
        type: 'warning',
        code: 'not_recorded',
        message: `a segment of ${id} was not recorded: ${errorText(error)}`,
      })
    const onFile: NonNullable<RecorderDeps['onFile']> = (file, done) =>
      'error' in done
        ? tell({ type: 'recording_failed', manifestId: id, file })
        : tell({ type: 'recording_saved', manifestId: id, file, elapsedMs: done.elapsedMs })
    return new Recorder({ manifestId: id, nodeId }, { store, onLost, onFile, log })
  }

  #end(id: ManifestId, reason: string): Promise<void> {
    const live = this.#streams.get(id)
    if (!live) return Promise.resolve()
    this.#streams.delete(id)
    for (const [published, name] of this.#renamed) if (name === id) this.#renamed.delete(published)
    clearTimeout(live.timer)
    live.stop.abort(new MillraceError('stream_ended', reason))
    if (live.recorder) this.#recording.add(id)
    // A gateway that stops waits for no slow store.
    const within = this.#stopping ? { withinMs: STOP_WITHIN_MS } : {}
    const done = live.stream
      .end(reason)
      .finally(() => Promise.all([live.recorder?.end(within), live.multistream.end()]))
    const ending: Promise<void> = done.finally(() => {
      this.#ending.delete(ending)
      this.#recording.delete(id)
      if (!this.#stopping) this.#forgetLater(id)
    })
    this.#ending.add(ending)
    return ending
  }

  /** Viewers can read the end of a stream for a minute; then its segments make room. */
  #forgetLater(id: ManifestId): void {
    const timer = setTimeout(() => this.#forget(id), ENDED_KEPT_MS)
    timer.unref()
    this.#ended.set(id, timer)
  }

  #forget(id: ManifestId): void {
    clearTimeout(this.#ended.get(id))
    this.#ended.delete(id)
    this.#origin.remove(id)
    this.#cmaf.remove(id)
  }

  async #mayPublish(request: PublishRequest): Promise<PublishAnswer> {
    const { app, name, query } = request
    const { host, port } = this.#config.rtmp ?? { host: '127.0.0.1', port: 1935 }
    try {
      const at = this.#publicUrl(`rtmp://${host}:${port}`)
      await this.#admit(request, `${at}/${app}/${name}${query === '' ? '' : `?${query}`}`)
      return { accept: true, replace: this.#config.takeover === true }
    } catch (error) {
      return { accept: false, reason: errorText(error) }
    }
  }

  /** The name that a publisher's stream will have, if it is free and the webhook agrees. */
  async #admit(request: { readonly app: string; readonly name: string }, url: string): Promise<ManifestId | undefined> {
    const named = this.#freeName(request)
    const { auth } = this.#deps
    if (!auth) return named
    const grant = await this.#ask(auth, url)
    if (grant.manifestId !== undefined) this.#checkFree(grant.manifestId)
    // Publishers that never begin must not fill the memory.
    const oldest = this.#grants.keys().next().value
    if (this.#grants.size >= MAX_GRANTS && oldest !== undefined) this.#grants.delete(oldest)
    this.#grants.set(publishPath(request), grant)
    return grant.manifestId ?? named
  }

  #freeName({ app, name }: { readonly app: string; readonly name: string }): ManifestId | undefined {
    const path = parsePublishPath(app, name)
    if (!path || (path.manifestId !== '' && !isManifestId(path.manifestId)))
      throw new MillraceError('bad_name', 'a stream name has letters, digits and _ - . ~ only')
    if (path.manifestId !== '') this.#checkFree(path.manifestId as ManifestId)
    const joins = this.#streams.has(path.manifestId as ManifestId)
    if (!joins && this.#streams.size >= (this.#config.maxStreams ?? 100))
      throw new MillraceError('stream_limit', 'max sessions exceeded', { retryable: true })
    return path.manifestId === '' ? undefined : (path.manifestId as ManifestId)
  }

  #checkFree(id: ManifestId): void {
    const live = this.#streams.get(id)
    if ((live && !this.#mayJoin(live)) || this.#offered.has(id))
      throw new MillraceError('stream_exists', `there is a live stream named ${id} already`)
  }

  /** Answers a publisher by WebRTC; its stream begins when it is connected. */
  async #publishWebRtc({ name, key, query, sdp, remoteAddress }: WhipOffer): Promise<WebRtcAnswer> {
    const request = { app: 'live', name: key === '' ? name : `${name}/${key}` }
    const url = `${this.#publicUrl(this.httpUrl)}${WEBRTC_PREFIX}whip/${request.name}${query === '' ? '' : `?${query}`}`
    const id = await this.#admit(request, url)
    if (id === undefined) throw new MillraceError('bad_name', 'a stream needs a name: /webrtc/whip/<stream>')
    this.#checkFree(id)
    this.#offered.add(id)
    try {
      return await this.#webrtc.publish(
        { ...request, sdp, remoteAddress },
        { onPublication: (publication) => this.#take(publication), onEnd: () => this.#offered.delete(id) },
      )
    } catch (error) {
      this.#offered.delete(id)
      this.#grants.delete(publishPath(request))
      throw error
    }
  }

  /** Answers a viewer by WebRTC. */
  async #playWebRtc({ manifestId: id, rendition, sdp, remoteAddress }: WhepOffer): Promise<WebRtcAnswer> {
    const live = this.#streams.get(id)
    if (!live) throw new MillraceError('stream_not_live', `there is no live stream named ${id}`)
    const renditions = live.feeds.choose(rendition, this.#webrtc.audio)
    return this.#webrtc.play({ stream: id, sdp, remoteAddress }, renditions)
  }

  #nameOf({ app, name }: Publication): ManifestId {
    const named = parsePublishPath(app, name)?.manifestId
    if (named) return manifestId(named)
    return manifestId(randomBytes(4).toString('hex'))
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#cmaf.owns(request.url ?? '')) return answerCmaf(this.#viewed.cmaf, request, response)
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
    const cameBy = this.#proxies.cameBy(request)
    if (this.#stored.owns(pathname)) return this.#stored.answer(request, response, this.#publicUrl(this.httpUrl))
    if (pathname.startsWith(WEBRTC_PREFIX))
      return handleWebRtc(request, response, {
        server: this.#webrtc,
        cameBy,
        takesPublishers: this.#config.httpIngest !== false,
        judgesKeys: this.#deps.auth !== undefined,
        publish: (offer) => this.#publishWebRtc(offer),
        play: (offer) => this.#playWebRtc(offer),
      })
    const changes = request.method !== 'GET' && request.method !== 'HEAD'
    if (changes && isForeignPage(request, cameBy)) {
      response.writeHead(403, { 'content-type': 'text/plain' })
      response.end('pages of other sites may not publish here\n')
      return
    }
    if (pathname.startsWith('/live/') && this.#config.httpIngest === false) {
      response.writeHead(404, { 'content-type': 'text/plain' })
      response.end('this gateway takes no segments by HTTP: see -httpIngest\n')
      request.resume()
      return
    }
    const named = request.method === 'DELETE' && (/^\/live\/([^/]+)$/.exec(pathname)?.[1] as ManifestId | undefined)
    if (named) {
      const ended = this.#renamed.get(named) ?? named
      const known = this.#streams.has(ended)
      await this.#end(ended, 'ended by its publisher')
      response.writeHead(known ? 204 : 404)
      response.end()
      return
    }
    if (pathname.startsWith('/live/'))
      return handlePush(request, response, {
        cameBy,
        enter: (id) => this.#admission.enter(id),
        gone: ({ manifestId, seq }, when) => this.#deps.tell({ type: 'publisher_gone', manifestId, seq, when }),
        push: (segment, options) => this.push(segment, options),
      })
    if (pathname === '/healthz') {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.end('ok')
      return
    }
    const { range } = request.headers
    cutSlowReader(response)
    const answer = this.#viewed.hls.get(`${this.#playlistPath(pathname)}${search}`, {
      ...(range && { range }),
      ...(request.method && { method: request.method }),
    })
    response.writeHead(answer.status, answer.headers)
    response.end(answer.body)
  }
}

/** Notes how far the stream has come, for a publisher that goes on with it. */
async function* countedInto(live: LiveStream, segments: AsyncIterable<Segment>): AsyncGenerator<Segment> {
  for await (const segment of segments) {
    live.nextSeq = segment.seq + 1
    yield segment
  }
}

const publishPath = ({ app, name }: { readonly app: string; readonly name: string }): string =>
  `${app}/${name.split('?')[0]}`

const ingestOf = ({ kind }: Publication): NodeEventOf<'stream_started'>['ingest'] => kind
