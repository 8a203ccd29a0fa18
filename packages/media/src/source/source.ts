import { hasCode, type Log, MillraceError } from '@millrace/base'
import { builtFile } from '@millrace/base/node'
import { type Publication, PublicationFeed } from '../ingest/publication.ts'
import { forkMediaChild } from '../process/child.ts'
import type { FromSource, SourceEngine, ToSource } from './source-messages.ts'

/** A publication of our own making; `durationMs` is known for files. */
export type Source = Publication & { readonly durationMs: number | undefined; readonly about: string }

/** The choice of FFmpeg with its defaults. */
export const sourceEngine = (options: {
  readonly engine?: SourceEngine['engine']
  readonly ffmpegPath?: string
}): SourceEngine => ({ engine: options.engine ?? 'auto', ffmpegPath: options.ffmpegPath ?? 'ffmpeg' })

const START_WITHIN_MS = 30_000

/** Runs a source in a child process and resolves when it has begun; throws the source's typed error. */
export async function openSource(
  facts: Pick<Publication, 'kind' | 'name'>,
  request: Exclude<ToSource, { type: 'more' }>,
  options: {
    readonly signal?: AbortSignal | undefined
    /** Waits for a publisher as long as it takes. */
    readonly patient?: boolean
    /** Its end is the end of a connection, after which the same may come back. */
    readonly live?: boolean
  },
  deps: { readonly log: Log },
): Promise<Source> {
  options.signal?.throwIfAborted()
  const child = forkMediaChild(builtFile(import.meta.url, './source-child.js'))
  const feed = new PublicationFeed(
    { ...facts, app: '', remoteAddress: undefined },
    {
      onClose: async () => {
        child.kill()
        await child.exited
      },
    },
  )
  const onAbort = () => void feed.publication.close()
  options.signal?.addEventListener('abort', onAbort, { once: true })
  void feed.publication.ended.then((end) => {
    options.signal?.removeEventListener('abort', onAbort)
    deps.log.debug('a source ended', { name: facts.name, reason: end.reason })
    child.kill()
  })
  const started = await new Promise<Extract<FromSource, { type: 'started' }>>((resolve, reject) => {
    let waiting: Promise<void> = Promise.resolve()
    let begun = false
    const late = () =>
      fail(new MillraceError('source_stopped', `the source gave nothing within ${START_WITHIN_MS / 1000} s`))
    const timer = options.patient ? undefined : setTimeout(late, START_WITHIN_MS)
    const fail = (error: MillraceError) => {
      clearTimeout(timer)
      reject(error)
      feed.end({ reason: 'failed', error })
    }
    child.onMessage((message: FromSource) => {
      if (message.type === 'started') {
        begun = true
        clearTimeout(timer)
        resolve(message)
      } else if (message.type === 'frames')
        waiting = waiting.then(async () => {
          for (const frame of message.frames) await feed.write(frame)
          if (child.alive) child.send({ type: 'more' } satisfies ToSource)
        })
      else if (message.type === 'end')
        void waiting.then(() => feed.end({ reason: options.live ? 'disconnected' : 'finished' }))
      else {
        const error = new MillraceError(message.code, message.message, {
          meta: message.meta,
          retryable: message.retryable,
        })
        void waiting.then(() => fail(error))
      }
    })
    void child.exited.then((how) =>
      waiting.then(() => {
        if (feed.ended) return reject(new MillraceError('aborted', 'the source was closed while it was opened'))
        fail(
          new MillraceError(begun ? 'source_stopped' : 'no_media_engine', `the process of the source is gone: ${how}`),
        )
      }),
    )
    child.send(request)
  }).catch((error) => {
    child.kill()
    throw hasCode(error, 'no_media_engine') ? noEngine(error) : error
  })
  const { durationMs, about } = started
  return Object.assign(feed.publication, { durationMs, about })
}

const noEngine = (cause: unknown) =>
  new MillraceError(
    'no_media_engine',
    'sources need FFmpeg: run `npm install node-av` in the project, or install the ffmpeg program',
    { cause },
  )
