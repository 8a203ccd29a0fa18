import { errorText, MillraceError } from '@millrace/base'
import { loadAv } from '../process/av.ts'
import { becomeMediaChild } from '../process/in-child.ts'
import type { FilmJob, FromFilm } from './film-messages.ts'
import { joinPictures } from './join-pictures.ts'
import { splitPictures } from './split-pictures.ts'

const reply = becomeMediaChild<FilmJob>((job) => {
  run(job).then(
    (files) => reply({ type: 'done', files } satisfies FromFilm),
    (error) => reply(failure(error)),
  )
})

async function run(job: FilmJob): Promise<readonly Uint8Array[]> {
  const av = await loadAv().catch((cause) => {
    throw new MillraceError('no_media_engine', `no films are made on this machine: ${errorText(cause)}`, { cause })
  })
  return job.kind === 'join' ? [joinPictures(av, job.pictures, job.fps)] : splitPictures(av, job.video, job.maxPictures)
}

const failure = (error: unknown): FromFilm => ({
  type: 'failed',
  code: error instanceof MillraceError ? error.code : 'film_failed',
  message: errorText(error),
})
