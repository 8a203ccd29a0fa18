/** A rendition of a stream as CMAF: one track, so that sound is a rendition of its own, shared by all pictures. */
export type CmafRendition = {
  readonly name: string
  readonly kind: 'video' | 'audio'
  readonly fps?: number | undefined
  /** The rate it was made for; the playlists tell the measured one once there is one. */
  readonly bandwidthBps?: number | undefined
}

/** A piece of a segment: one `moof` with its `mdat`, or several. */
export type CmafPart = {
  /** The segment it belongs to. */
  readonly seq: number
  /** Counts the parts of the segment from 0. */
  readonly index: number
  /** True when decoding can start here. */
  readonly independent: boolean
  readonly durationMs: number
  readonly data: Uint8Array
  /** The initialisation segment that the part needs; equal bytes are kept once. */
  readonly init: Uint8Array
  /** True for the last part: the segment is complete with it, and `completeSegment` need not be called. */
  readonly last?: boolean | undefined
}

/** Pieces of a segment whose beginning and end are both known. */
export type CmafPieces = {
  readonly init: Uint8Array
  readonly parts: readonly Pick<CmafPart, 'independent' | 'durationMs' | 'data'>[]
}

/** A segment that came as a whole. */
export type CmafSegment = {
  readonly seq: number
  readonly durationMs: number
  /** Size of what `make` holds on to. */
  readonly bytes: number
  /** Makes the pieces; called when somebody asks for the rendition, once. A segment that cannot be made becomes a gap. */
  readonly make: () => CmafPieces
}

/** What is the same for a segment in all renditions. */
export type SegmentTimes = {
  readonly seq: number
  /** Presentation time of the first picture, in 90 kHz ticks. */
  readonly startTicks: number
  /** Wall clock of the first picture. */
  readonly programDateTimeMs: number
  readonly discontinuity: boolean
}

export type CmafRequest = {
  readonly method?: string | undefined
  readonly range?: string | undefined
  readonly ifNoneMatch?: string | undefined
  /** Ends the waiting of a request whose asker is gone. */
  readonly signal?: AbortSignal | undefined
  /** The same for servers with many askers, for whom a signal each is dear: is given what to call then. */
  readonly onGone?: ((callback: () => void) => void) | undefined
}

export type CmafResponse = {
  readonly status: 200 | 206 | 304 | 307 | 400 | 404 | 405 | 416 | 503
  readonly headers: Readonly<Record<string, string>>
  /** A stream for a segment that is still being made. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>
  /** The body once more where it is ASCII text: a server sends that together with the headers. */
  readonly text?: string
}
