import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Av } from '@millrace/media/process'
import { AiError } from '../../ai-error.ts'
import { colours, onWhite, type Picture, resize } from '../../pictures/picture.ts'
import { fromLayersModel, type LayersTopology } from '../onnx/from-layers-model.ts'
import { openOnnx } from '../onnx/onnx-runtime.ts'
import type { TfjsModel } from '../onnx/tfjs-model.ts'
import { readWeights } from '../onnx/tfjs-weights.ts'
import { NSFW_NETWORK } from './moderation-card.ts'

const SIDE = 224
/** In the order of the network's outputs. */
const KINDS = ['drawing', 'hentai', 'neutral', 'porn', 'sexy'] as const
/** From so much of the chance on that a picture is marked; lower, people in summer clothes are marked too. */
const UNSAFE_FROM = 0.85

/** The chance of each kind, together 1, and whether the picture is to be marked. */
export type Safety = { readonly unsafe: boolean; readonly chances: Readonly<Record<(typeof KINDS)[number], number>> }

export type PictureSafety = { check(picture: Picture): Promise<Safety>; close(): Promise<void> }

/** Opens the network that looks for unsafe pictures, in a child process that has the folders of it and of ONNX Runtime. */
export async function openPictureSafety(av: Av, folders: ReadonlyMap<string, string>): Promise<PictureSafety> {
  const session = await openOnnx(readNetwork(folders.get(NSFW_NETWORK.name) ?? ''), folders, { threads: 1 })
  return {
    async check(picture) {
      const small = resize(av, onWhite(picture), SIDE, SIDE, 'bilinear')
      const { output } = await session.run({ dims: [1, SIDE, SIDE, 3], data: colours(small, 1 / 255) })
      if (output?.data.length !== KINDS.length)
        throw new AiError('ai_runner_failed', 'the safety check gave no chances')
      const chances = Object.fromEntries(
        KINDS.map((kind, at) => [kind, output.data[at] as number]),
      ) as Safety['chances']
      return { unsafe: chances.hentai + chances.porn >= UNSAFE_FROM, chances }
    },
    close: () => session.close(),
  }
}

/** The package has its model and its weights as modules: an object, and base64. */
function readNetwork(folder: string): Uint8Array {
  const load = createRequire(join(folder, 'dist/models/package.json'))
  const model = load('./mobilenet_v2/model.min.js') as TfjsModel<LayersTopology>
  const weights = load('./mobilenet_v2/group1-shard1of1.min.js') as string
  const entries = model.weightsManifest.flatMap((group) => group.weights)
  return fromLayersModel(model.modelTopology, readWeights(entries, Buffer.from(weights, 'base64')))
}
