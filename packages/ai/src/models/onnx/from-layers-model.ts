import { activation, type ConvOptions, channelsLastInput, conv, depthwiseConv, notConverted } from './channels-first.ts'
import { OnnxGraph, type Value } from './onnx-graph.ts'
import type { Weight } from './tfjs-weights.ts'

type Config = Readonly<Record<string, unknown>>

type Layer = {
  readonly class_name: string
  readonly name: string
  readonly config: Config
  readonly inbound_nodes: readonly (readonly (readonly [string, ...unknown[]])[])[]
}

/** The `modelTopology` of a TensorFlow.js layers model, as far as it is read. */
export type LayersTopology = {
  readonly model_config: {
    readonly config: {
      readonly layers: readonly Layer[]
      readonly output_layers: readonly (readonly [string, ...unknown[]])[]
    }
  }
}

/**
 * The ONNX model of a TensorFlow.js layers model (Keras): input `input` with the channels last, and one output `output`,
 * of pictures with the channels first. Throws `model_unreadable` where a layer is not known.
 */
export function fromLayersModel(topology: LayersTopology, weights: ReadonlyMap<string, Weight>): Uint8Array {
  const { layers, output_layers } = topology.model_config.config
  const graph = new OnnxGraph('layers')
  const made = new Map<string, Value>()
  for (const layer of layers) {
    const inputs = (layer.inbound_nodes[0] ?? []).map(([from]) => {
      const value = made.get(from)
      if (value === undefined) throw notConverted(`the order of layers at ${layer.name}`)
      return value
    })
    const write = LAYERS[layer.class_name]
    if (!write) throw notConverted(`the layer ${layer.class_name}`)
    const weight = (kind: string) => {
      const found = weights.get(`${layer.name}/${kind}`)
      if (!found) throw notConverted(`the lack of ${layer.name}/${kind}`)
      return found
    }
    made.set(layer.name, write({ graph, inputs, input: inputs[0] ?? '', config: layer.config, weight }))
  }
  const last = made.get(output_layers[0]?.[0] ?? '')
  if (output_layers.length !== 1 || last === undefined) throw notConverted('more than one output')
  const flat = layers.some(({ class_name }) => class_name === 'Dense')
  graph.output('output', last, flat ? [1, 'classes'] : [1, 'channels', 'out_rows', 'out_columns'])
  return graph.finish()
}

type At = {
  readonly graph: OnnxGraph
  readonly inputs: readonly Value[]
  readonly input: Value
  readonly config: Config
  readonly weight: (kind: string) => Weight
}

const LAYERS: Readonly<Record<string, (at: At) => Value>> = {
  InputLayer: ({ graph, config }) => {
    const [, height, width, channels] = config.batch_input_shape as readonly (number | null)[]
    return channelsLastInput(graph, 'input', [height ?? 'rows', width ?? 'columns', channels as number])
  },
  Conv2D: ({ graph, input, config, weight }) =>
    activation(graph, conv(graph, input, weight('kernel'), convOptions(config, weight)), config.activation as string),
  DepthwiseConv2D: ({ graph, input, config, weight }) => {
    const out = depthwiseConv(graph, input, weight('depthwise_kernel'), convOptions(config, weight))
    return activation(graph, out, config.activation as string)
  },
  BatchNormalization: ({ graph, input, config, weight }) => {
    const numbers = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((kind) => graph.constant(weight(kind)))
    return graph.node('BatchNormalization', [input, ...numbers], { epsilon: { float: config.epsilon as number } })
  },
  Activation: ({ graph, input, config }) => activation(graph, input, config.activation as string),
  ReLU: ({ graph, input, config }) => activation(graph, input, config.max_value === 6 ? 'relu6' : 'relu'),
  Add: ({ graph, inputs }) => inputs.reduce((sum, next) => graph.node('Add', [sum, next])),
  Concatenate: ({ graph, inputs }) => graph.node('Concat', inputs, { axis: 1 }),
  UpSampling2D: ({ graph, input, config }) => {
    if (config.interpolation !== 'nearest') throw notConverted(`upsampling by ${config.interpolation}`)
    const scales = graph.constant({ dims: [2], data: Float32Array.from(config.size as readonly number[]) })
    // With whole factors this repeats each pixel, as Keras does.
    const attributes = {
      axes: [2, 3],
      mode: 'nearest',
      nearest_mode: 'floor',
      coordinate_transformation_mode: 'asymmetric',
    }
    return graph.node('Resize', [input, '', scales], attributes)
  },
  ZeroPadding2D: ({ graph, input, config }) => {
    const [[top, bottom], [left, right]] = config.padding as [[number, number], [number, number]]
    const pads = BigInt64Array.from([0, 0, top, left, 0, 0, bottom, right], BigInt)
    return graph.node('Pad', [input, graph.constant({ dims: [8], data: pads })], { mode: 'constant' })
  },
  AveragePooling2D: ({ graph, input, config }) =>
    graph.node('AveragePool', [input], {
      kernel_shape: [...(config.pool_size as readonly number[])],
      strides: [...(config.strides as readonly number[])],
      auto_pad: config.padding === 'same' ? 'SAME_UPPER' : 'VALID',
    }),
  Flatten: ({ graph, input }) =>
    // Channels come last where the rows and columns are flattened with them.
    graph.node('Flatten', [graph.node('Transpose', [input], { perm: [0, 2, 3, 1] })], { axis: 1 }),
  Dense: ({ graph, input, config, weight }) => {
    const product = graph.node('Gemm', [input, graph.constant(weight('kernel')), graph.constant(weight('bias'))])
    return activation(graph, product, config.activation as string)
  },
  // Only training drops anything.
  Dropout: ({ input }) => input,
}

const convOptions = (config: Config, weight: At['weight']): ConvOptions => ({
  strides: config.strides as [number, number],
  dilations: config.dilation_rate as [number, number],
  padding: config.padding === 'same' ? 'same' : 'valid',
  bias: config.use_bias ? weight('bias') : undefined,
})
