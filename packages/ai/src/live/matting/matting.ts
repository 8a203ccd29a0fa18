import { AiError } from '../../ai-error.ts'
import { HUMAN_MODELS } from '../../models/human-models.ts'
import { openOnnx } from '../../models/onnx/onnx-runtime.ts'
import { convertGraphModel } from '../../models/onnx/tfjs-model.ts'
import type { LiveEffect } from '../live-effect.ts'
import { type Background, Composite } from './composite.ts'
import { mattingCard } from './matting-card.ts'
import { toNetwork } from './resample.ts'

const SIDE = 256

type Params = Background & { readonly steadiness: number }

const matting: LiveEffect = {
  card: mattingCard,
  async open({ folders }) {
    const folder = folders.get(HUMAN_MODELS.name) as string
    const model = await convertGraphModel(folder, 'models/selfie.json', { mask: 'activation_10' })
    // Decoding and encoding need the other core.
    const session = await openOnnx(model, folders, { threads: 1 })
    const input = new Float32Array(SIDE * SIDE * 3)
    const steady = new Float32Array(SIDE * SIDE)
    const composite = new Composite()
    let isFirst = true
    let params = mattingCard.params.parse({}) as Params
    // The first run is the slowest; it should not be the first picture's.
    await session.run({ dims: [1, SIDE, SIDE, 3], data: input })
    return {
      async picture(picture) {
        if (params.background === 'none') return picture
        toNetwork(picture, SIDE, input)
        const { mask } = await session.run({ dims: [1, SIDE, SIDE, 3], data: input })
        if (!mask) throw new AiError('ai_runner_failed', 'the model gave no mask')
        const kept = isFirst ? 0 : params.steadiness
        isFirst = false
        for (let i = 0; i < steady.length; i++)
          steady[i] = kept * (steady[i] as number) + (1 - kept) * (mask.data[i] as number)
        return composite.apply(picture, steady, SIDE, params)
      },
      update(changed) {
        params = changed as Params
      },
      close: () => session.close(),
    }
  },
}

export const effects: readonly LiveEffect[] = [matting]
