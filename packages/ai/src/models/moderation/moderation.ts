import { loadAv } from '@millrace/media/process'
import { decodePicture } from '../../pictures/decode-picture.ts'
import type { EmbeddedModel } from '../embedded-model.ts'
import { imageOf } from '../image-jobs.ts'
import { moderationCard } from './moderation-card.ts'
import { openPictureSafety } from './picture-safety.ts'

/** Says whether a picture is safe for work. */
export const models: readonly EmbeddedModel[] = [
  {
    card: moderationCard,
    async open({ folders }) {
      const av = await loadAv()
      const safety = await openPictureSafety(av, folders)
      return {
        async run(job) {
          const { unsafe, chances } = await safety.check(decodePicture(av, imageOf(job)))
          const rounded = Object.entries(chances).map(([kind, chance]) => [kind, Math.round(chance * 1_000) / 1_000])
          return { response: { text: JSON.stringify({ unsafe, ...Object.fromEntries(rounded) }) }, files: [] }
        },
        close: () => safety.close(),
      }
    },
  },
]
