/** A publisher that asks to be let in. */
export type PublishRequest = {
  readonly kind: 'rtmp' | 'srt'
  readonly app: string
  readonly name: string
  /** What stands after the question mark of the stream name. */
  readonly query: string
  readonly remoteAddress: string
}

export type PublishAnswer =
  | { readonly accept: true; readonly replace?: boolean }
  | { readonly accept: false; readonly reason: string }
