import { loadAv } from '@millrace/media/process'
import { decodePicture } from '../../pictures/decode-picture.ts'
import { pngFile } from '../../pictures/encode-picture.ts'
import { resize } from '../../pictures/picture.ts'
import type { EmbeddedModel } from '../embedded-model.ts'
import { imageAnswer, imageOf } from '../image-jobs.ts'
import { lanczosCard } from './lanczos-card.ts'

const SCALE = 2

/** Makes a picture larger without knowing anything. */
export const models: readonly EmbeddedModel[] = [
  {
    card: lanczosCard,
    async open() {
      const av = await loadAv()
      return {
        async run(job) {
          const picture = decodePicture(av, imageOf(job))
          const { width, height } = picture
          return imageAnswer(
            job,
            pngFile(av, 'image.png', resize(av, picture, width * SCALE, height * SCALE, 'lanczos')),
          )
        },
        async close() {},
      }
    },
  },
]
