import { errorText, type Log } from '@millrace/base'
import {
  CmafFeed,
  type CmafOrigin,
  type HlsOrigin,
  type OpusFeed,
  type PerTitleLadder,
  piecesOf,
  probeSegment,
  type RecordedTrack,
  type Recorder,
  type Segment,
} from '@millrace/media'
import type { FallbackReason, ManifestId, NodeEventOf, TellEvent, VideoProfile } from '@millrace/wire'
import type { BoughtSegment, SegmentBuyer, SourceSegment } from './buyer.ts'
import type { LivePurchase } from './live-buyer.ts'
import { LiveRenditions } from './live-renditions.ts'
import type { Multistream } from './multistream.ts'
import type { SegmentShelf } from './segment-shelf.ts'
import type { StreamFeeds } from './stream-feeds.ts'

export type StreamOptions = {
  readonly manifestId: ManifestId
  readonly ladder: readonly VideoProfile[]
  readonly ingest: NodeEventOf<'stream_started'>['ingest']
  /** Why the rates of the ladder are what they are, where they were set to the source. */
  readonly perTitle?: PerTitleLadder | undefined
  /** Where the publisher is, when it is to be told. */
  readonly clientIp?: string | undefined
  /** Its results are compared with those of a trusted orchestrator. */
  readonly fastVerification?: boolean | undefined
  /** Sends segments to orchestrators while they arrive, where those take such ones. */
  readonly lowLatency?: boolean | undefined
  /** Segments that may be under way at once; a source that is faster waits. */
  readonly maxInFlight?: number
}

export type StreamDeps = {
  readonly origin: HlsOrigin
  readonly cmaf: CmafOrigin
  readonly buyer: Pick<SegmentBuyer, 'buy' | 'buyLive' | 'close'>
  /** Makes the sound of live streams once more, as Opus. */
  readonly opus?: Pick<OpusFeed, 'push' | 'end'> | undefined
  /** Where viewers by WebRTC read. */
  readonly feeds?: Pick<StreamFeeds, 'source' | 'segment' | 'part' | 'end'>
  /** Where segments lie for those who fetch them elsewhere. */
  readonly shelf?: Pick<SegmentShelf, 'put'> | undefined
  /** Keeps what is shown. */
  readonly recorder?: Pick<Recorder, 'put'> | undefined
  /** Sends what is shown to other servers. */
  readonly multistream?: Pick<Multistream, 'put'> | undefined
  readonly tell: TellEvent
  readonly log: Log
}

/** What became of one segment. */
export type StreamSegmentResult = {
  readonly renditions: readonly { readonly profile: VideoProfile; readonly data: Uint8Array }[]
  readonly bought: BoughtSegment | undefined
  /** Why nobody delivered, and the renditions are the source itself. */
  readonly lost?: FallbackReason
}

/**
 * One stream on the gateway: every segment goes into the source playlist at once, is bought, and its renditions enter their playlists in order.
 * A segment nobody delivered is stood in for by its source, so that no playlist has a hole.
 */
export class Stream {
  readonly manifestId: ManifestId
  readonly #options: StreamOptions
  readonly #deps: StreamDeps
  readonly #running = new Set<Promise<unknown>>()
  readonly #places = new Places()
  readonly #sourcePlaces = new Places()
  readonly #feed: CmafFeed
  readonly #live: LiveRenditions
  #sourceTrack: RecordedTrack | undefined
  /** What a segment is expected to last. */
  #lastMs = 2_000
  #ended = false

  constructor(options: StreamOptions, deps: StreamDeps) {
    this.manifestId = options.manifestId
    this.#options = options
    this.#deps = deps
    // No rendition may have the name under which the sound is listed.
    const audioName = options.ladder.some(({ name }) => name === 'audio') ? 'audio~' : 'audio'
    this.#feed = new CmafFeed({ manifestId: options.manifestId, audioName }, { origin: deps.cmaf })
    this.#live = new LiveRenditions(options.manifestId, options.ladder, deps)
    const { manifestId, ingest, ladder, perTitle, clientIp, fastVerification } = options
    deps.tell({
      type: 'stream_started',
      manifestId,
      ingest,
      renditions: ladder.map(({ name }) => name),
      ...(perTitle && {
        perTitle: { rates: perTitle.rates, samples: perTitle.samples, bitsPerPixel: perTitle.bitsPerPixel },
      }),
      ...(clientIp !== undefined && { clientIp }),
      ...(fastVerification && { fastVerification }),
    })
  }

  /** Takes segments until the source ends; returns when all of them are done. */
  async run(segments: AsyncIterable<Segment>, options: { readonly signal: AbortSignal }): Promise<void> {
    for await (const segment of segments) {
      if (options.signal.aborted) break
      while (this.#running.size >= (this.#options.maxInFlight ?? 4)) await Promise.race(this.#running)
      const work = this.push(segment, options).catch((error) => {
        if (!options.signal.aborted)
          this.#deps.log.warn('a segment was not completed', { seq: segment.seq, error: errorText(error) })
      })
      this.#running.add(work)
      void work.finally(() => this.#running.delete(work))
    }
    await Promise.all(this.#running)
  }

  /** Takes one segment; resolves when its renditions are in the playlists. Rejects when the segment itself never completed. */
  async push(segment: Segment, options: { readonly signal: AbortSignal }): Promise<StreamSegmentResult> {
    const { manifestId, seq } = segment
    // The places in the playlists are taken when the segment begins, so that a later one never overtakes it.
    const sourcePlace = this.#sourcePlaces.take()
    const place = this.#places.take()
    const fed = this.#show(segment)
    if (this.#options.ingest !== 'http') {
      this.#deps.feeds?.source(segment)
      this.#deps.opus?.push(segment)
    }
    try {
      const live = this.#buyLive(segment, options)
      const closed = await segment.closed
      const arrivedMs = performance.now()
      const { container, discontinuity } = segment
      this.#deps.tell({
        type: 'segment_received',
        manifestId,
        seq,
        durationMs: closed.durationMs,
        bytes: closed.data.length,
      })
      const bought =
        this.#options.ladder.length > 0
          ? this.#buy({ ...closed, manifestId, seq, container }, live, options)
          : undefined
      const { durationMs, videoFrames } = closed
      const hls = { seq, container, durationMs, discontinuity, hasVideo: videoFrames > 0 }
      const uri = await this.#deps.shelf?.put('source', { seq, container, data: closed.data })
      await sourcePlace.reached
      this.#deps.origin.put(manifestId, { name: 'source' }, { ...hls, uri, data: closed.data })
      this.#pass('source', { ...hls, data: closed.data })
      if (this.#options.ingest === 'http') this.#deps.feeds?.segment('source', { data: closed.data, container })
      sourcePlace.leave()
      await place.reached
      await fed
      if (!bought) return { renditions: [], bought: undefined }
      const outcome = await bought
      if ('lost' in outcome) {
        options.signal.throwIfAborted()
        this.#deps.tell({ type: 'segment_lost', manifestId, seq, outcome: 'fallback', reason: outcome.lost })
        return {
          bought: undefined,
          lost: outcome.lost,
          renditions: await this.#insert(
            this.#options.ladder.map((profile) => ({ profile, data: closed.data, container })),
            hls,
          ),
        }
      }
      const { live: inParts } = outcome
      const made = inParts
        ? await this.#live.whole(segment, outcome)
        : outcome.renditions.map((data, i) => {
            const profile = this.#options.ladder[i] as VideoProfile
            return { profile, data, container: profile.format, uri: outcome.stored?.[i] }
          })
      const renditions = await this.#insert(made, { ...hls, inParts })
      this.#deps.tell({
        type: 'segment_transcoded',
        manifestId,
        seq,
        orchestrator: outcome.orchestrator,
        ...(outcome.orchestratorUri !== undefined && { orchestratorUri: outcome.orchestratorUri }),
        ...(outcome.orchestratorVersion !== undefined && { orchestratorVersion: outcome.orchestratorVersion }),
        sessionId: outcome.sessionId,
        delayMs: Math.round(performance.now() - arrivedMs),
        pixels: outcome.pixels.toString(),
        feeWei: outcome.feeWei.toString(),
        paid: outcome.paid,
        renditions: renditions.map(({ profile, data }) => ({ name: profile.name, bytes: data.length })),
        ...(outcome.live && { live: true as const }),
        traceparent: outcome.traceparent,
      })
      return { renditions, bought: outcome }
    } finally {
      sourcePlace.leave()
      place.leave()
    }
  }

  /** Closes the playlists and gives the sessions back. */
  async end(reason: string): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    await Promise.allSettled(this.#running)
    this.#deps.origin.end(this.manifestId)
    this.#deps.feeds?.end()
    await this.#deps.opus?.end()
    this.#deps.cmaf.end(this.manifestId)
    await this.#deps.buyer.close()
    this.#deps.tell({ type: 'stream_ended', manifestId: this.manifestId, reason })
  }

  /** Begins to send a segment that is still arriving; undefined when it is bought when it is complete. */
  #buyLive(segment: Segment, { signal }: { readonly signal: AbortSignal }): LivePurchase | undefined {
    const { chunks, container, seq } = segment
    if (!this.#options.lowLatency || !chunks || this.#options.ladder.length === 0) return undefined
    const { manifestId } = this
    const closed = segment.closed.then((facts) => {
      this.#lastMs = facts.durationMs
      return { ...facts, manifestId, seq, container }
    })
    closed.catch(() => {})
    const durationMs = this.#lastMs
    const { part } = this.#live
    return this.#deps.buyer.buyLive({ manifestId, seq, durationMs, chunks, closed }, { signal, part })
  }

  async #buy(source: SourceSegment, live: LivePurchase | undefined, options: { readonly signal: AbortSignal }) {
    const bought = await live?.bought
    if (bought) this.#live.complete(source.seq)
    return bought ?? this.#deps.buyer.buy(source, options)
  }

  /** Gives the publisher's own frames to viewers of low latency while they arrive. */
  async #show(segment: Segment): Promise<void> {
    try {
      const isWhole = this.#options.ingest === 'http'
      const { errors } = await (isWhole ? this.#feed.pushWhole(segment) : this.#feed.push(segment))
      for (const error of errors)
        this.#deps.log.warn('a track is not shown with low latency', { seq: segment.seq, error: errorText(error) })
    } catch {
      // A segment that broke off is told of where it is taken for the network.
    }
  }

  /** Hands a segment that is in its playlist on to those who keep it or send it elsewhere. */
  #pass(
    track: 'source' | VideoProfile,
    segment: {
      readonly seq: number
      readonly durationMs: number
      readonly discontinuity: boolean
      readonly container: 'mpegts' | 'mp4'
      readonly data: Uint8Array
    },
  ): void {
    const { recorder, multistream } = this.#deps
    multistream?.put(track === 'source' ? track : track.name, segment)
    if (!recorder) return
    const { seq, durationMs, discontinuity, container, data } = segment
    const facts = track === 'source' ? this.#sourceFacts(segment) : trackOf(track)
    recorder.put(facts, { seq, durationMs, container, data, ...(discontinuity && { discontinuity }) })
  }

  #sourceFacts({
    data,
    container,
  }: {
    readonly data: Uint8Array
    readonly container: 'mpegts' | 'mp4'
  }): RecordedTrack {
    if (this.#sourceTrack) return this.#sourceTrack
    const { width = 0, height = 0 } = probeSegment(data, container)
    this.#sourceTrack = { name: 'source', bandwidthBps: 0, width, height }
    return this.#sourceTrack
  }

  async #insert<
    R extends {
      readonly profile: VideoProfile
      readonly data: Uint8Array
      readonly container: 'mpegts' | 'mp4'
      /** Where it lies already. */
      readonly uri?: string | undefined
    },
  >(
    renditions: readonly R[],
    hls: {
      readonly seq: number
      readonly durationMs: number
      readonly discontinuity: boolean
      readonly hasVideo: boolean
      /** They are there as CMAF already. */
      readonly inParts?: boolean | undefined
    },
  ): Promise<readonly R[]> {
    const { seq, durationMs } = hls
    const { cmaf, shelf } = this.#deps
    const uris = shelf
      ? await Promise.all(
          renditions.map(({ profile, uri, ...whole }) => uri ?? shelf.put(profile.name, { seq, ...whole })),
        )
      : []
    const startTicks = cmaf.timesOf(this.manifestId, seq)?.startTicks
    for (const [i, { profile, data, container }] of renditions.entries()) {
      const { name, width, height, bitrateBps: bandwidthBps } = profile
      const whole = { ...hls, data, container }
      this.#deps.origin.put(this.manifestId, { name, width, height, bandwidthBps }, { ...whole, uri: uris[i] })
      this.#pass(profile, whole)
      if (!hls.inParts) this.#deps.feeds?.segment(name, { data, container })
      if (!hls.hasVideo || hls.inParts) continue
      const make = () => piecesOf(data, container, { startTicks })
      cmaf.putSegment(
        this.manifestId,
        { name, kind: 'video', bandwidthBps },
        { seq, durationMs, bytes: data.length, make },
      )
    }
    return renditions
  }
}

const trackOf = ({ name, width, height, bitrateBps }: VideoProfile): RecordedTrack => ({
  name,
  bandwidthBps: bitrateBps,
  width,
  height,
})

/** A queue of places: each is reached when the one before it was left. */
class Places {
  #last: Promise<void> = Promise.resolve()

  take(): { readonly reached: Promise<void>; leave(): void } {
    const reached = this.#last
    let leave: () => void = () => {}
    const left = new Promise<void>((resolve) => {
      leave = resolve
    })
    // One that is left early still waits for those before it, else the next would overtake them.
    this.#last = Promise.all([reached, left]).then(() => {})
    return { reached, leave }
  }
}
