import { AiError } from '../../ai-error.ts'
import { HUMAN_MODELS } from '../human-models.ts'
import { openOnnx } from '../onnx/onnx-runtime.ts'
import { convertGraphModel } from '../onnx/tfjs-model.ts'

/** Rows and columns of what the network takes and gives. */
export const MATTE_SIDE = 256

export type PersonMatte = {
  /**
   * For each pixel of a picture of `MATTE_SIDE` by `MATTE_SIDE` (red, green, blue, each 0 to 1, pixel by pixel) how sure it is a person, 0 to 1.
   * The answer is valid until the next call.
   */
  run(colours: Float32Array): Promise<Float32Array>
  close(): Promise<void>
}

/** Opens the network in a child process; `folders` has those of ONNX Runtime and of the models. One thread is the quickest beside an encoder. */
export async function openPersonMatte(
  folders: ReadonlyMap<string, string>,
  options: { readonly threads?: number } = {},
): Promise<PersonMatte> {
  const model = await convertGraphModel(folders.get(HUMAN_MODELS.name) ?? '', 'models/selfie.json', {
    matte: 'activation_10',
  })
  const session = await openOnnx(model, folders, { threads: options.threads ?? 1 })
  return {
    async run(colours) {
      const { matte } = await session.run({ dims: [1, MATTE_SIDE, MATTE_SIDE, 3], data: colours })
      if (!matte) throw new AiError('ai_runner_failed', 'the model gave no matte')
      return matte.data
    },
    close: () => session.close(),
  }
}
