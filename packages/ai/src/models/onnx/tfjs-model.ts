import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fromGraphModel, type GraphTopology } from './from-graph-model.ts'
import { fromLayersModel, type LayersTopology } from './from-layers-model.ts'
import { readWeights, type WeightEntry } from './tfjs-weights.ts'

/** The JSON file of a TensorFlow.js model, as far as it is read. */
export type TfjsModel<Topology> = {
  readonly modelTopology: Topology
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly WeightEntry[] }[]
}

/** The ONNX model of a layers model whose files lie in a folder. It takes well under a second, so that nothing of it is kept. */
export async function convertLayersModel(folder: string, file: string): Promise<Uint8Array> {
  const model = await readJson<LayersTopology>(join(folder, file))
  return fromLayersModel(model.modelTopology, await weightsOf(join(folder, dirname(file)), model))
}

/** The ONNX model of a graph model whose files lie in a folder, with the outputs that are named by their nodes. */
export async function convertGraphModel(
  folder: string,
  file: string,
  outputs: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const model = await readJson<GraphTopology>(join(folder, file))
  return fromGraphModel(model.modelTopology, await weightsOf(join(folder, dirname(file)), model), outputs)
}

async function weightsOf(folder: string, { weightsManifest }: TfjsModel<unknown>) {
  const paths = weightsManifest.flatMap((group) => group.paths)
  const bytes = Buffer.concat(await Promise.all(paths.map((path) => readFile(join(folder, path)))))
  return readWeights(
    weightsManifest.flatMap(({ weights }) => weights),
    bytes,
  )
}

const readJson = async <Topology>(path: string): Promise<TfjsModel<Topology>> =>
  JSON.parse(await readFile(path, 'utf8')) as TfjsModel<Topology>
