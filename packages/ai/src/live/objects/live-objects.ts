import { DETECTOR_SIDE, openDetector } from '../../models/objects/detector.ts'
import type { LiveEffect } from '../live-effect.ts'
import { toNetwork } from '../matting/resample.ts'
import { colourOf, drawBox } from './draw-box.ts'
import { liveObjectsCard } from './objects-card.ts'

type Params = { readonly threshold: number; readonly draw: boolean }

const liveObjects: LiveEffect = {
  card: liveObjectsCard,
  async open({ folders }) {
    const detector = await openDetector(folders)
    const input = new Float32Array(DETECTOR_SIDE * DETECTOR_SIDE * 3)
    let params = liveObjectsCard.params.parse({}) as Params
    // The first run is the slowest; it should not be the first picture's.
    await detector.detect(input, 1)
    return {
      async picture(picture) {
        toNetwork(picture, DETECTOR_SIDE, input, 255)
        const found = await detector.detect(input, params.threshold)
        if (params.draw) for (const { label, box } of found) drawBox(picture, box, colourOf(label))
        const objects = found.map(({ label, score, box }) => ({ label, score: rounded(score), box: box.map(rounded) }))
        return { ...picture, facts: { type: 'objects', objects } }
      },
      update(changed) {
        params = changed as Params
      },
      close: () => detector.close(),
    }
  },
}

export const effects: readonly LiveEffect[] = [liveObjects]

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000
