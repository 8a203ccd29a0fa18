import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorText, type Log, MillraceError } from '@millrace/base'
import { requirePublicAddress } from '@millrace/base/node'
import type { AudioProcess, Publication, PublishAnswer, PublishRequest, WebRtcAnswer } from '@millrace/media'
import { type ManifestId, manifestId } from '@millrace/wire'
import type { CameBy } from '../../links/http/trusted-proxies.ts'
import type { ApiKeys } from '../api-keys/api-keys.ts'
import type { PushTo } from '../multistream.ts'
import type { WebRtcDoorDeps, WhepOffer } from '../webrtc-door.ts'
import { Heartbeat, type HeartbeatOptions } from './heartbeat.ts'
import type { LiveAiApplicant, LiveAiAuth } from './live-ai-auth.ts'
import { LiveAiCascade, type LiveAiRun, type OpenStage } from './live-ai-cascade.ts'
import { LiveAiDoor } from './live-ai-door.ts'
import type { LiveMarket } from './live-ai-market.ts'
import { checkLiveName, type LiveAiStage, type LiveAiWish, newRequestId, OUT, readWish } from './live-ai-request.ts'
import { type LiveAiDeps, type LiveAiOptions, type LiveAiRequest, LiveAiStream } from './live-ai-stream.ts'

export const LIVE_AI_PREFIX = '/live/video-to-video/'

/** The gateway's own doors, as live AI streams use them. */
export type GatewayDoors = {
  readonly webrtc: WebRtcDoorDeps['server'] & {
    readonly audio: AudioProcess
    publish(
      offer: { readonly app: string; readonly name: string; readonly sdp: string; readonly remoteAddress: string },
      deps: { onPublication(publication: Publication): void; onEnd(): void },
    ): Promise<WebRtcAnswer>
  }
  /** Shows a publication to viewers, as it is, until it ends. */
  show(
    publication: Publication,
    options: { readonly manifestId: ManifestId; readonly pushTo: readonly PushTo[] },
  ): Promise<void>
  play(offer: WhepOffer): Promise<WebRtcAnswer>
  /** True where a stream of this name may begin. */
  isFree(id: ManifestId): boolean
  readonly ownUrl: () => string
  /** Asks the webhook of all streams, where there is one; throws `stream_refused`. */
  readonly ask: ((url: string) => Promise<unknown>) | undefined
}

export type LiveAiRunDeps = Omit<LiveAiDeps, 'audio' | 'show' | 'market'> & {
  readonly market: LiveMarket
  readonly auth?: Pick<LiveAiAuth, 'ask'> | undefined
  /** Who may begin streams by WebRTC, and for how much; those by RTMP, which have no key, are refused then unless `auth` lets them in. */
  readonly keys?: Pick<ApiKeys, 'admit'> | undefined
  /** True where publishers may have their stream pushed to this machine and its network. */
  readonly privateOutputs: boolean
  readonly log: Log
}

type Known = { readonly stream: LiveAiRun; readonly forget?: ReturnType<typeof setTimeout> }

export type LiveAiRunOptions = LiveAiOptions & {
  readonly heartbeat?: HeartbeatOptions | undefined
  /** Viewers by WebRTC of one stream. */
  readonly maxViewers?: number | undefined
}

const MAX_STREAMS = 100
const STATUS_KEPT_MS = 60_000
/** A publisher who was let in and whose connection comes to nothing. */
const CONNECT_WITHIN_MS = 30_000
const RTMP_APP = 'live/video-to-video'

/** The live AI streams of a gateway: who may begin one, which there are, and what is known of those that are over. */
export class LiveAi {
  readonly #options: LiveAiRunOptions
  readonly #deps: LiveAiRunDeps
  readonly #door: LiveAiDoor
  readonly #heartbeat: Heartbeat | undefined
  readonly #streams = new Map<string, Known>()
  /** RTMP publishers that were let in, until their stream begins. */
  readonly #expected = new Map<string, LiveAiRun>()
  #doors: GatewayDoors | undefined
  #stopping = false

  constructor(options: LiveAiRunOptions, deps: LiveAiRunDeps) {
    this.#options = options
    this.#deps = deps
    this.#door = new LiveAiDoor({ maxViewers: options.maxViewers }, { streams: this, log: deps.log })
    this.#heartbeat =
      options.heartbeat &&
      new Heartbeat(options.heartbeat, {
        running: () => this.running.map(({ request }) => request.streamId),
        end: (id, reason) => this.#terminate(id, reason),
        log: deps.log,
      })
  }

  /** The gateway hands its doors over before it opens them. */
  attach(doors: GatewayDoors): void {
    this.#doors = doors
  }

  get doors(): GatewayDoors {
    if (!this.#doors) throw new MillraceError('stopping', 'the gateway is not open yet', { retryable: true })
    return this.#doors
  }

  /** Streams that run. */
  get running(): readonly LiveAiRun[] {
    return [...this.#streams.values()].filter(({ forget }) => !forget).map(({ stream }) => stream)
  }

  owns(pathname: string): boolean {
    return pathname.startsWith(LIVE_AI_PREFIX)
  }

  answer(request: IncomingMessage, response: ServerResponse, cameBy: CameBy): Promise<void> {
    return this.#door.answer(request, response, cameBy)
  }

  /** True where publishers may name addresses of this machine and its network. */
  get privateOutputs(): boolean {
    return this.#deps.privateOutputs
  }

  /** True where a service says which streams may begin. */
  get judges(): boolean {
    return this.#deps.auth !== undefined
  }

  catalog(): ReturnType<LiveMarket['catalog']> {
    return this.#deps.market.catalog()
  }

  /** By the name of the stream or its streamId, also for a minute after its end. */
  find(id: string): LiveAiRun | undefined {
    const named = this.#streams.get(id)?.stream
    return (
      named ?? [...this.#streams.values()].map(({ stream }) => stream).find(({ request }) => request.streamId === id)
    )
  }

  /** The running stream whose output has this name: `{stream}-out` or `{stream}-{requestId}-out`. */
  ofOutput(name: string): LiveAiRun | undefined {
    if (!name.endsWith(OUT)) return undefined
    const inner = name.slice(0, -OUT.length)
    return this.running.find(
      ({ request }) => request.name === inner || `${request.name}-${request.requestId}` === inner,
    )
  }

  /** The account of a client's key, where streams are begun with one. Throws `ai_key_refused` or `ai_rate_limited`. */
  admit(request: Pick<IncomingMessage, 'headers'>): LiveAiRequest['account'] {
    return this.#deps.keys?.admit(request)
  }

  /** The same for a media server that calls, which needs no key where a service says who may begin. */
  admitCaller(request: Pick<IncomingMessage, 'headers'>): LiveAiRequest['account'] {
    return this.#deps.auth ? undefined : this.admit(request)
  }

  /** Begins a stream whose source is about to come. Throws `stream_refused`, `stream_exists`, `stream_limit`, `ai_no_runner` or `stopping`. */
  async begin(
    name: string,
    by: {
      readonly type: LiveAiApplicant['type']
      readonly query: string
      readonly account?: LiveAiRequest['account']
    },
  ): Promise<LiveAiRun> {
    if (this.#stopping) throw new MillraceError('stopping', 'the gateway is stopping', { retryable: true })
    const asked = readWish(new URLSearchParams(by.query))
    this.#checkFree(name)
    const requestId = newRequestId()
    const { doors } = this
    const whepUrl = `${doors.ownUrl()}${LIVE_AI_PREFIX}${name}-${requestId}${OUT}/whep`
    const { outputIsTrusted, ...wish } = await this.#granted({ ...by, name, whepUrl }, asked)
    const stages = await Promise.all([wish, ...wish.then].map((stage) => this.#stageOf(stage)))
    // Another may have begun meanwhile.
    this.#checkFree(name)
    const pushTo =
      wish.rtmpOutput === undefined
        ? []
        : [
            {
              url: wish.rtmpOutput,
              check: outputIsTrusted || this.#deps.privateOutputs ? undefined : requirePublicAddress,
            },
          ]
    const request = {
      ...wish,
      ...stages[0]!,
      name,
      requestId,
      streamId: wish.streamId || name,
      whepUrl,
      account: by.account,
    }
    const show = (publication: Publication) => doors.show(publication, { manifestId: manifestId(name + OUT), pushTo })
    const open: OpenStage = (index, to) =>
      new LiveAiStream({ ...request, ...stages[index] }, this.#options, {
        ...this.#deps,
        audio: () => doors.webrtc.audio,
        show: to,
      })
    const stream = stages.length === 1 ? open(0, show) : new LiveAiCascade(request, stages.length, open, show)
    clearTimeout(this.#streams.get(name)?.forget)
    this.#streams.set(name, { stream })
    void stream.ended.then(() => this.#over(name, stream))
    return stream
  }

  /** Answers a publisher by RTMP to `rtmp://host/live/video-to-video/<stream>?pipeline=…`; undefined for other paths. */
  claims(request: PublishRequest): Promise<PublishAnswer> | undefined {
    const name = rtmpName(request)
    return name === undefined ? undefined : this.#admitRtmp(name, request)
  }

  /** Takes what a publisher by RTMP sends; false where it is not for an AI pipeline. */
  takes(publication: Publication): boolean {
    const name = rtmpName(publication)
    if (name === undefined) return false
    const stream = this.#expected.get(name)
    this.#expected.delete(name)
    if (stream) this.join(stream, publication)
    else void publication.close()
    return true
  }

  /** Gives a stream its source. */
  join(stream: LiveAiRun, publication: Publication): void {
    stream.take(publication)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#heartbeat?.stop()
    const all = [...this.#streams.values()]
    for (const { forget } of all) clearTimeout(forget)
    await Promise.all(all.map(({ stream }) => stream.stop('the gateway is stopping')))
  }

  async #admitRtmp(name: string, { query }: PublishRequest): Promise<PublishAnswer> {
    const { keys, auth } = this.#deps
    if (keys && !auth) return { accept: false, reason: 'live AI streams are begun by WHIP with a key here' }
    try {
      const stream = await this.begin(checkLiveName(name), { type: 'rtmp', query })
      this.#expected.set(name, stream)
      const late = setTimeout(() => {
        if (this.#expected.get(name) !== stream) return
        this.#expected.delete(name)
        void stream.stop('its publisher sent nothing')
      }, CONNECT_WITHIN_MS)
      late.unref()
      return { accept: true, replace: false }
    } catch (error) {
      return { accept: false, reason: errorText(error) }
    }
  }

  /** Asks who says which streams may begin: the service for live AI, or else the one for all streams. */
  async #granted(
    applicant: Pick<LiveAiApplicant, 'name' | 'type' | 'query' | 'whepUrl'>,
    wish: LiveAiWish,
  ): Promise<LiveAiWish & { readonly outputIsTrusted: boolean }> {
    const { auth } = this.#deps
    const { ask, ownUrl } = this.doors
    const own = ownUrl()
    const path = `${own}${LIVE_AI_PREFIX}${applicant.name}`
    if (!auth) {
      await ask?.(`${path}?${applicant.query}`)
      return { ...wish, outputIsTrusted: false }
    }
    const statusUrl = `${own}${LIVE_AI_PREFIX}${wish.streamId || applicant.name}/status`
    const gatewayHost = new URL(own).host
    return auth.ask({ ...applicant, gatewayHost, statusUrl, updateUrl: `${path}/update` }, wish)
  }

  #checkFree(name: string): void {
    const isTaken = this.running.some(({ request }) => request.name === name)
    if (isTaken || !this.doors.isFree(manifestId(name + OUT)))
      throw new MillraceError('stream_exists', `there is a live stream named ${name} already`)
    if (this.running.length >= MAX_STREAMS)
      throw new MillraceError('stream_limit', `there are ${MAX_STREAMS} live AI streams already`, { retryable: true })
  }

  async #stageOf({ pipeline, params, orchestrator }: LiveAiStage): Promise<LiveAiStage> {
    return { pipeline: await this.#pipelineOf(pipeline), params, orchestrator }
  }

  /** What is meant where no pipeline is named: the one that changes nothing, where there is one. */
  async #pipelineOf(pipeline: string): Promise<string> {
    const { market } = this.#deps
    const known = await market.models()
    // A worker that came a moment ago is found by asking anew.
    const models = pipeline !== '' && !known.includes(pipeline) ? await market.models({ fresh: true }) : known
    if (pipeline !== '' && models.includes(pipeline)) return pipeline
    const hint =
      models.length > 0
        ? `Pipelines that there are: ${models.slice(0, 10).join(', ')}`
        : 'No orchestrator of this network offers any: docs/live-ai.md says how to run one'
    if (pipeline !== '')
      throw new MillraceError('ai_no_runner', `no orchestrators available for the live pipeline ${pipeline}. ${hint}`, {
        retryable: true,
      })
    const meant = DEFAULT_MODELS.find((model) => models.includes(model)) ?? models[0]
    if (meant !== undefined) return meant
    throw new MillraceError('ai_no_runner', `no orchestrators available for live pipelines. ${hint}`, {
      retryable: true,
    })
  }

  #terminate(streamId: string, reason: string): void {
    for (const stream of this.running) {
      if (stream.request.streamId !== streamId) continue
      stream.status.failed(reason)
      void stream.stop(reason)
    }
  }

  #over(name: string, stream: LiveAiRun): void {
    if (this.#streams.get(name)?.stream !== stream || this.#stopping) return
    const forget = setTimeout(() => {
      if (this.#streams.get(name)?.stream === stream) this.#streams.delete(name)
    }, STATUS_KEPT_MS)
    forget.unref()
    this.#streams.set(name, { stream, forget })
  }
}

const DEFAULT_MODELS = ['noop', 'millrace/passthrough']

/** The stream of an RTMP path, whether a client puts the slashes into the app or the name. */
function rtmpName({ app, name }: { readonly app: string; readonly name: string }): string | undefined {
  const path = `${app}/${name.split('?')[0]}`.replace(/\/+/g, '/').replace(/^\//, '')
  return path.startsWith(`${RTMP_APP}/`) ? path.slice(RTMP_APP.length + 1) : undefined
}
