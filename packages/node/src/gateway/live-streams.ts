import { setMaxListeners } from 'node:events'
import { errorText, type Log, MillraceError } from '@millrace/base'
import {
  type AudioProcess,
  type CmafOrigin,
  type HlsOrigin,
  type ObjectStore,
  OpusFeed,
  type Publication,
  Recorder,
  type RecorderDeps,
} from '@millrace/media'
import type { ManifestId, NodeEventOf, TellEvent, VideoProfile } from '@millrace/wire'
import type { GatewayConfig } from '../config/node-config.ts'
import type { StreamGrant } from './auth-webhook.ts'
import type { SegmentBuyer } from './buyer.ts'
import type { ChosenLadder } from './ladder-choice.ts'
import { Multistream, type PushTo } from './multistream.ts'
import { SegmentShelf } from './segment-shelf.ts'
import { Stream } from './stream.ts'
import { StreamFeeds } from './stream-feeds.ts'

const ENDED_KEPT_MS = 60_000
const STOP_WITHIN_MS = 8_000

export type LiveStreamsDeps = {
  readonly openBuyer: (stream: {
    readonly manifestId: ManifestId
    readonly ladder: readonly VideoProfile[]
    readonly compareOneIn?: number | undefined
    readonly verificationFreq?: number | undefined
  }) => Pick<SegmentBuyer, 'buy' | 'buyLive' | 'close'>
  /** Where segments are put for players and orchestrators. */
  readonly objectStore?: ObjectStore | undefined
  /** Where streams are recorded, under the name of this node. */
  readonly recordStore?: ObjectStore | undefined
  readonly nodeId?: string
  readonly origin: HlsOrigin
  readonly cmaf: CmafOrigin
  /** Makes Opus, where that is wanted for players. */
  readonly audio: AudioProcess | undefined
  readonly onEnd: (id: ManifestId) => void
  readonly tell: TellEvent
  readonly log: Log
}

export type LiveStream = {
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

/** What a stream is like that begins. */
export type StreamFacts = Partial<Pick<StreamGrant, 'compareOneIn' | 'verificationFreq'>> &
  Partial<ChosenLadder> & {
    readonly clientIp?: string | undefined
    /** Servers that its source is pushed to, beside those of the configuration. */
    readonly pushTo?: readonly PushTo[] | undefined
  }

/** The streams of a gateway, from their beginning until nothing of them is left to read. */
export class LiveStreams {
  readonly #config: GatewayConfig
  readonly #deps: LiveStreamsDeps
  readonly #streams = new Map<ManifestId, LiveStream>()
  readonly #ending = new Set<Promise<void>>()
  readonly #ended = new Map<ManifestId, ReturnType<typeof setTimeout>>()
  /** Streams that are over and whose last segments are being saved. */
  readonly #recording = new Set<ManifestId>()
  #latest: ManifestId | undefined
  #stopping = false

  constructor(config: GatewayConfig, deps: LiveStreamsDeps) {
    this.#config = config
    this.#deps = deps
  }

  get(id: ManifestId): LiveStream | undefined {
    return this.#streams.get(id)
  }

  /** No more streams are taken than -maxSessions says. */
  get full(): boolean {
    return this.#streams.size >= this.#most
  }

  /** The stream that began last. */
  get latest(): ManifestId | undefined {
    return this.#latest
  }

  /** True from the moment at which no stream may begin any more. */
  get stopping(): boolean {
    return this.#stopping
  }

  /** True while segments of the stream may still be recorded. */
  records(id: ManifestId): boolean {
    return this.#streams.has(id) || this.#recording.has(id)
  }

  /** Takes no more streams. */
  refuse(): void {
    this.#stopping = true
  }

  /** Ends all streams; resolves when nothing of them is under way. */
  async stop(): Promise<void> {
    this.refuse()
    await Promise.all([...this.#streams.keys()].map((id) => this.end(id, 'the gateway is stopping')))
    await Promise.all(this.#ending)
  }

  /** Throws `stopping`, `stream_exists` or `stream_limit`. */
  begin(id: ManifestId, ingest: NodeEventOf<'stream_started'>['ingest'], more: StreamFacts = {}): LiveStream {
    const { ladder = this.#config.ladder, perTitle, compareOneIn, verificationFreq, clientIp, pushTo = [] } = more
    if (this.#stopping) throw new MillraceError('stopping', 'the gateway is stopping', { retryable: true })
    if (this.#streams.has(id)) throw new MillraceError('stream_exists', `there is a live stream named ${id} already`)
    if (this.full)
      throw new MillraceError('stream_limit', `max sessions exceeded: ${this.#most} streams are live`, {
        retryable: true,
      })
    // A stream that comes back under its name begins its playlists anew.
    this.#forget(id)
    const renditionNames = ['source', ...ladder.map(({ name }) => name)]
    this.#deps.origin.expect(id, renditionNames)
    this.#deps.cmaf.expect(id, renditionNames)
    const log = this.#deps.log.child({ manifestId: id })
    const feeds = new StreamFeeds(ladder, { log })
    const { objectStore } = this.#deps
    const recorder = this.#record(id, log)
    const multistream = new Multistream(
      { manifestId: id, targets: this.#config.multistream ?? [], pushTo },
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
          this.#deps.audio && ingest !== 'http'
            ? new OpusFeed(
                { manifestId: id, name: ladder.some(({ name }) => name === 'opus') ? 'opus~' : 'opus' },
                { origin: this.#deps.cmaf, audio: this.#deps.audio, log },
              )
            : undefined,
        origin: this.#deps.origin,
        cmaf: this.#deps.cmaf,
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

  /** Nothing happens where there is no such stream. */
  end(id: ManifestId, reason: string): Promise<void> {
    const live = this.#streams.get(id)
    if (!live) return Promise.resolve()
    this.#streams.delete(id)
    this.#deps.onEnd(id)
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

  /** Viewers can read the end of a stream for a minute; then its segments make room. */
  #forgetLater(id: ManifestId): void {
    const timer = setTimeout(() => this.#forget(id), ENDED_KEPT_MS)
    timer.unref()
    this.#ended.set(id, timer)
  }

  #forget(id: ManifestId): void {
    clearTimeout(this.#ended.get(id))
    this.#ended.delete(id)
    this.#deps.origin.remove(id)
    this.#deps.cmaf.remove(id)
  }

  get #most(): number {
    return this.#config.maxStreams ?? 100
  }
}
