import { MillraceError } from '@millrace/base'
import { builtFile } from '@millrace/base/node'
import { forkMediaChild } from '../process/child.ts'
import type { FilmJob, FromFilm } from './film-messages.ts'

/** More pictures make no short film. */
const MAX_PICTURES = 600
const TIMEOUT_MS = 120_000

export type FilmOptions = { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number }

/** Makes films of pictures and pictures of films, each in a process of its own: what strangers made breaks that process alone. */
export const PictureFilms = {
  /**
   * An MP4 file (H.264) of PNG, JPEG or WebP pictures at so many a second; all have the size of the first, made even.
   * Throws `film_failed`, or what libraries of media throw.
   */
  async join(pictures: readonly Uint8Array[], options: FilmOptions & { readonly fps: number }): Promise<Uint8Array> {
    const { fps } = options
    if (pictures.length === 0 || pictures.length > MAX_PICTURES || !(fps > 0 && fps <= 120))
      throw new MillraceError('film_failed', `a film has 1 to ${MAX_PICTURES} pictures, at most 120 a second`)
    const [film] = await inChild({ kind: 'join', pictures, fps }, options)
    if (!film) throw new MillraceError('film_failed', 'no film was made')
    return film
  },

  /** The pictures of an MP4 file as PNG files, the first 600 of them; throws `film_failed` or what libraries of media throw. */
  split(video: Uint8Array, options: FilmOptions = {}): Promise<readonly Uint8Array[]> {
    return inChild({ kind: 'split', video, maxPictures: MAX_PICTURES }, options)
  },
}

async function inChild(job: FilmJob, { signal, timeoutMs = TIMEOUT_MS }: FilmOptions): Promise<readonly Uint8Array[]> {
  signal?.throwIfAborted()
  const child = forkMediaChild(builtFile(import.meta.url, './film-child.js'))
  const end = () => child.kill()
  const timer = setTimeout(end, timeoutMs)
  signal?.addEventListener('abort', end, { once: true })
  try {
    const answer = await new Promise<FromFilm>((resolve) => {
      child.onMessage((message: FromFilm) => resolve(message))
      void child.exited.then((how) =>
        resolve({ type: 'failed', code: 'film_failed', message: `making a film: ${how}` }),
      )
      child.send(job)
    })
    signal?.throwIfAborted()
    if (answer.type === 'failed') throw new MillraceError(answer.code, answer.message)
    return answer.files
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
    child.kill()
    await child.exited
  }
}
