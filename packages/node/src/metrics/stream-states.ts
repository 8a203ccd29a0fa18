import type { ManifestId, NodeEvent, NodeEventOf } from '@millrace/wire'

/** go-livepeer reckons the success rate of a stream over its last 30 segments. */
const RATED = 30
/** Durations that are kept for results that never come. */
const MAX_DURATIONS = 200

/** What metrics need to remember of a stream from one event to the next. */
export type StreamState = {
  readonly ingest: NodeEventOf<'stream_started'>['ingest']
  readonly clientIp: string | undefined
  /** Milliseconds of video by segment. */
  readonly durations: Map<number, number>
  readonly results: boolean[]
  readonly fastVerification: boolean
  /** Its segments are bought by fast verification. */
  fastVerified: boolean
  segments: number
  orchestrator: string | undefined
}

/** The streams of a gateway that are live. */
export class StreamStates {
  readonly #streams = new Map<ManifestId, StreamState>()

  get size(): number {
    return this.#streams.size
  }

  get(manifestId: ManifestId): StreamState | undefined {
    return this.#streams.get(manifestId)
  }

  /** Follows an event; call it before the event is counted. */
  follow(event: NodeEvent): void {
    if (event.type === 'stream_started')
      this.#streams.set(event.manifestId, {
        ingest: event.ingest,
        clientIp: event.clientIp,
        durations: new Map(),
        results: [],
        fastVerification: event.fastVerification ?? false,
        fastVerified: false,
        segments: 0,
        orchestrator: undefined,
      })
    if (event.type === 'segment_received') this.#received(event)
    const stream = event.type === 'fast_verified' ? this.#streams.get(event.manifestId) : undefined
    if (stream) stream.fastVerified = true
  }

  /** How many streams are of this kind, but for one that is just ending. */
  count(is: (stream: StreamState) => boolean, ending?: ManifestId): number {
    return [...this.#streams].filter(([manifestId, stream]) => manifestId !== ending && is(stream)).length
  }

  /** Ends a stream; call it after its end was counted. */
  end(manifestId: ManifestId): void {
    this.#streams.delete(manifestId)
  }

  /** Notes what became of a segment. */
  result(manifestId: ManifestId, seq: number, good: boolean): void {
    const stream = this.#streams.get(manifestId)
    if (!stream) return
    stream.durations.delete(seq)
    stream.results.push(good)
    if (stream.results.length > RATED) stream.results.shift()
  }

  /** Notes who was asked; true when it is another orchestrator than for the segment before. */
  asked(manifestId: ManifestId, orchestrator: string): boolean {
    const stream = this.#streams.get(manifestId)
    if (!stream) return false
    const swapped = stream.orchestrator !== undefined && stream.orchestrator !== orchestrator
    stream.orchestrator = orchestrator
    return swapped
  }

  /** The part of good results, of one stream or on average over all; 1 before there are any. */
  successRate(manifestId?: ManifestId): number {
    const rates = (manifestId === undefined ? [...this.#streams.values()] : [this.#streams.get(manifestId)])
      .filter((stream) => stream !== undefined && stream.results.length > 0)
      .map((stream) => stream!.results.filter(Boolean).length / stream!.results.length)
    return rates.length === 0 ? 1 : rates.reduce((sum, rate) => sum + rate, 0) / rates.length
  }

  #received({ manifestId, seq, durationMs }: NodeEventOf<'segment_received'>): void {
    const stream = this.#streams.get(manifestId)
    if (!stream) return
    stream.segments++
    stream.durations.set(seq, durationMs)
    if (stream.durations.size > MAX_DURATIONS) stream.durations.delete(stream.durations.keys().next().value as number)
  }
}
