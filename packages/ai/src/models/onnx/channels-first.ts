import { MillraceError } from '@millrace/base'
import type { Constant, OnnxGraph, Value } from './onnx-graph.ts'
import type { Weight } from './tfjs-weights.ts'

// TensorFlow has the channels last, ONNX has them first. Whole graphs are made with the channels first, so that nothing is turned round on the way.

export type ConvOptions = {
  readonly strides: readonly [number, number]
  readonly dilations?: readonly [number, number]
  readonly padding: 'same' | 'valid'
  readonly bias?: Weight | undefined
}

/** A picture as TensorFlow takes it: one, rows, columns, channels. */
export const channelsLastInput = (
  graph: OnnxGraph,
  name: string,
  [height, width, channels]: readonly [number | string, number | string, number],
): Value => graph.node('Transpose', [graph.input(name, [1, height, width, channels])], { perm: [0, 3, 1, 2] })

export function conv(graph: OnnxGraph, input: Value, filter: Weight, options: ConvOptions): Value {
  return convNode(graph, input, transposed(filter, [3, 2, 0, 1]), 1, options)
}

export function depthwiseConv(graph: OnnxGraph, input: Value, filter: Weight, options: ConvOptions): Value {
  const [rows, columns, channels, times] = filter.dims as [number, number, number, number]
  const turned = transposed(filter, [2, 3, 0, 1])
  const grouped = { dims: [channels * times, 1, rows, columns], data: turned.data }
  return convNode(graph, input, grouped, channels, options)
}

/** The reverse of a convolution; only where its squares do not overlap. */
export function convTransposed(
  graph: OnnxGraph,
  input: Value,
  filter: Weight,
  strides: readonly [number, number],
): Value {
  const [rows, columns] = filter.dims
  if (rows !== strides[0] || columns !== strides[1]) throw notConverted('a transposed convolution that overlaps')
  return graph.node('ConvTranspose', [input, graph.constant(transposed(filter, [3, 2, 0, 1]))], {
    strides: [...strides],
  })
}

/** A constant that is added to a picture or multiplied with it. */
export function broadcast(graph: OnnxGraph, { dims, data }: Weight): Value {
  if (dims.length === 0) return graph.constant({ dims, data })
  const full = [...Array<number>(4 - dims.length).fill(1), ...dims]
  return graph.constant(transposed({ dims: full, data }, [0, 3, 1, 2]))
}

export function activation(graph: OnnxGraph, input: Value, name: string): Value {
  const kind = name.toLowerCase()
  if (kind === 'linear') return input
  if (kind === 'relu') return graph.node('Relu', [input])
  if (kind === 'relu6') return graph.node('Clip', [input, graph.scalar(0), graph.scalar(6)])
  if (kind === 'sigmoid') return graph.node('Sigmoid', [input])
  if (kind === 'softmax') return graph.node('Softmax', [input], { axis: -1 })
  throw notConverted(`the activation ${name}`)
}

/** Rows and columns in another number, between them on straight lines; `mode` is where a pixel lies. */
export function resizeTo(
  graph: OnnxGraph,
  input: Value,
  size: readonly [number, number],
  mode: 'half_pixel' | 'asymmetric' | 'align_corners',
): Value {
  const sizes = graph.constant({ dims: [2], data: BigInt64Array.from(size, BigInt) })
  const attributes = { axes: [2, 3], mode: 'linear', coordinate_transformation_mode: mode }
  return graph.node('Resize', [input, '', '', sizes], attributes)
}

/** The mean of all pixels of each channel. */
export const meanOfPixels = (graph: OnnxGraph, input: Value): Value => graph.node('GlobalAveragePool', [input])

export const notConverted = (what: string): MillraceError =>
  new MillraceError('model_unreadable', `a model cannot be converted for ONNX Runtime: ${what} is not known here`)

/** The numbers with their dimensions in another order. */
export function transposed({ dims, data }: Weight, order: readonly number[]): Constant {
  const strides = dims.map((_, at) => dims.slice(at + 1).reduce((product, dim) => product * dim, 1))
  const outDims = order.map((from) => dims[from] as number)
  const outStrides = order.map((from) => strides[from] as number)
  const out = new Float32Array(data.length)
  const index = outDims.map(() => 0)
  for (let at = 0, from = 0; at < out.length; at++) {
    out[at] = data[from] as number
    for (let axis = outDims.length - 1; axis >= 0; axis--) {
      from += outStrides[axis] as number
      index[axis] = (index[axis] as number) + 1
      if ((index[axis] as number) < (outDims[axis] as number)) break
      from -= (outStrides[axis] as number) * (outDims[axis] as number)
      index[axis] = 0
    }
  }
  return { dims: outDims, data: out }
}

function convNode(graph: OnnxGraph, input: Value, filter: Constant, group: number, options: ConvOptions): Value {
  const bias = options.bias ? [graph.constant(options.bias)] : []
  return graph.node('Conv', [input, graph.constant(filter), ...bias], {
    group,
    strides: [...options.strides],
    dilations: [...(options.dilations ?? [1, 1])],
    auto_pad: options.padding === 'same' ? 'SAME_UPPER' : 'VALID',
  })
}
