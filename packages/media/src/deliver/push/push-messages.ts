export type PushedSegment = {
  readonly data: Uint8Array
  readonly container: 'mpegts' | 'mp4'
  readonly durationMs: number
  readonly discontinuity: boolean
}

export type ToPush =
  | { readonly type: 'open'; readonly url: string }
  | ({ readonly type: 'segment' } & PushedSegment)
  | { readonly type: 'end' }

export type FromPush =
  /** The other side has taken the stream's head. */
  | { readonly type: 'live' }
  /** A segment was sent. */
  | { readonly type: 'sent' }
  | { readonly type: 'ended' }
  /** The reason never holds the address: it has the stream key in it. */
  | { readonly type: 'failed'; readonly reason: string }
