import { type Log, MillraceError } from '@millrace/base'
import { PushTarget } from '@millrace/media'
import type { ManifestId, TellEvent } from '@millrace/wire'
import type { MultistreamTarget } from '../config/node-config.ts'

export type MultistreamDeps = {
  /** Throws when an address may not be used. */
  readonly check?: ((url: string) => Promise<void>) | undefined
  readonly tell: TellEvent
  readonly log: Log
}

/** A server that one stream alone is pushed to, beside those of the configuration; `check` throws when its address may not be used. */
export type PushTo = { readonly url: string; readonly check?: ((url: string) => Promise<void>) | undefined }

type SegmentToPush = Parameters<PushTarget['push']>[0]

/** The servers that one stream is pushed to, beside its viewers; none of them holds the stream back. */
export class Multistream {
  readonly #targets: readonly { readonly rendition: string; readonly target: PushTarget }[]

  constructor(
    {
      manifestId,
      targets,
      pushTo = [],
    }: {
      readonly manifestId: ManifestId
      readonly targets: readonly MultistreamTarget[]
      readonly pushTo?: readonly PushTo[]
    },
    deps: MultistreamDeps,
  ) {
    const { tell, log } = deps
    const configured = targets
      .filter(({ stream }) => stream === '*' || stream === manifestId)
      .map(({ rendition, url }) => ({
        rendition,
        url: url.replaceAll('{stream}', encodeURIComponent(manifestId)),
        check: deps.check,
      }))
    const own = pushTo.map(({ url, check }) => ({ rendition: 'source', url, check }))
    this.#targets = [...configured, ...own].map(({ rendition, url, check }) => {
      // What follows the host is a secret.
      const { host } = new URL(url)
      const about = { manifestId, target: host, rendition }
      const target = new PushTarget(
        { url },
        {
          log,
          ...(check && { check }),
          onState: (state, reason) => {
            const why = reason === undefined ? {} : { reason }
            tell({ type: 'push_target', ...about, state, ...why })
            if (state === 'waiting')
              log.warn('a multistream target failed and is tried again', { target: host, rendition, ...why })
            else if (state === 'live') log.info('a multistream target takes the stream', { target: host, rendition })
          },
        },
      )
      return { rendition, target }
    })
  }

  /** Takes a segment of the source or of a rendition, and returns at once. */
  put(rendition: string, segment: SegmentToPush): void {
    for (const one of this.#targets) if (one.rendition === rendition) one.target.push(segment)
  }

  async end(): Promise<void> {
    await Promise.all(this.#targets.map(({ target }) => target.end()))
  }
}

/** Throws `bad_multistream` for all streams at one address: each would throw out the other. */
export function checkMultistream({ stream, url }: MultistreamTarget): void {
  if (stream === '*' && !url.includes('{stream}'))
    throw new MillraceError('bad_multistream', 'a target for all streams has {stream} in its address')
}
