import {
  activation,
  broadcast,
  type ConvOptions,
  channelsLastInput,
  conv,
  convTransposed,
  depthwiseConv,
  meanOfPixels,
  notConverted,
  resizeTo,
} from './channels-first.ts'
import { OnnxGraph, type Value } from './onnx-graph.ts'
import type { Weight } from './tfjs-weights.ts'

type Attributes = Readonly<
  Record<
    string,
    {
      readonly s?: string
      readonly b?: boolean
      readonly list?: { readonly i?: readonly string[]; readonly s?: readonly string[] }
      readonly shape?: { readonly dim?: readonly { readonly size: string }[] }
    }
  >
>

type Node = {
  readonly name: string
  readonly op: string
  readonly input?: readonly string[]
  readonly attr: Attributes
}

/** The `modelTopology` of a TensorFlow.js graph model, as far as it is read. */
export type GraphTopology = { readonly node: readonly Node[] }

/**
 * The ONNX model of a TensorFlow.js graph model: input `input` with the channels last, and the outputs that are named by their nodes,
 * with the channels first. What the outputs do not need is left out. Throws `model_unreadable` where an operator is not known.
 */
export function fromGraphModel(
  topology: GraphTopology,
  weights: ReadonlyMap<string, Weight>,
  outputs: Readonly<Record<string, string>>,
): Uint8Array {
  const graph = new OnnxGraph('graph')
  const nodes = new Map(topology.node.map((node) => [node.name, node]))
  const made = new Map<string, Value>()
  const weight = (name: string): Weight => {
    const found = weights.get(plain(name))
    if (!found) throw notConverted(`the lack of ${name}`)
    return found
  }
  /** What a node gives; what it needs is made first, one node after the other because graphs are deep. */
  const value = (name: string): Value => {
    const waiting = [plain(name)]
    while (waiting.length > 0) {
      const at = waiting.at(-1) as string
      const node = nodes.get(at)
      if (!node || waiting.length > nodes.size) throw notConverted(`the lack of ${at}`)
      const missing = made.has(at) ? [] : dataInputs(node).filter((input) => !made.has(input))
      if (missing.length > 0) {
        waiting.push(...missing)
        continue
      }
      waiting.pop()
      if (made.has(at)) continue
      const write = OPERATORS[node.op]
      if (!write) throw notConverted(`the operator ${node.op}`)
      const inputs = (node.input ?? []).map(plain)
      made.set(at, write({ graph, node, inputs, weight, value: (input) => made.get(input) as Value }))
    }
    return made.get(plain(name)) as Value
  }
  for (const [name, node] of Object.entries(outputs))
    graph.output(name, value(node), [1, `${name}_channels`, `${name}_rows`, `${name}_columns`])
  return graph.finish()
}

type At = {
  readonly graph: OnnxGraph
  readonly node: Node
  readonly inputs: readonly string[]
  readonly weight: (name: string) => Weight
  readonly value: (name: string) => Value
}

/** By the number of an input: those that must be numbers, because they shape the node. */
const CONSTANTS: Readonly<Record<string, readonly number[]>> = {
  Conv2D: [1],
  _FusedConv2D: [1, 2],
  DepthwiseConv2dNative: [1],
  FusedDepthwiseConv2dNative: [1, 2],
  Conv2DBackpropInput: [0, 1],
  Mean: [1],
  ResizeBilinear: [1],
}

const convolution = (make: typeof conv) => (at: At) => {
  const [input = '', filter = '', bias] = at.inputs
  const fused = (at.node.attr.fused_ops?.list?.s ?? []).map(text)
  const withBias = fused[0] === 'BiasAdd' && bias !== undefined
  const options = convOptions(at.node, withBias ? at.weight(bias) : undefined)
  const out = make(at.graph, at.value(input), at.weight(filter), options)
  return fused.slice(withBias ? 1 : 0).reduce((value, name) => activation(at.graph, value, name), out)
}

const elementwise = (operator: string) => (at: At) =>
  at.inputs.map(at.value).reduce((all, next) => at.graph.node(operator, [all, next]))

const named = (name: string) => (at: At) => activation(at.graph, at.value(at.inputs[0] ?? ''), name)

const OPERATORS: Readonly<Record<string, (at: At) => Value>> = {
  Placeholder: ({ graph, node }) => {
    const [, height, width, channels] = (node.attr.shape?.shape?.dim ?? []).map(({ size }) => Number(size))
    if (!height || !width || !channels) throw notConverted('an input of unknown size')
    return channelsLastInput(graph, 'input', [height, width, channels])
  },
  Const: ({ graph, node, weight }) => broadcast(graph, weight(node.name)),
  Identity: ({ inputs, value }) => value(inputs[0] ?? ''),
  Conv2D: convolution(conv),
  _FusedConv2D: convolution(conv),
  DepthwiseConv2dNative: convolution(depthwiseConv),
  FusedDepthwiseConv2dNative: convolution(depthwiseConv),
  Conv2DBackpropInput: ({ graph, node, inputs, weight, value }) =>
    convTransposed(graph, value(inputs[2] ?? ''), weight(inputs[1] ?? ''), convOptions(node).strides),
  Add: elementwise('Add'),
  AddV2: elementwise('Add'),
  AddN: elementwise('Add'),
  Mul: elementwise('Mul'),
  Relu: named('relu'),
  Relu6: named('relu6'),
  Sigmoid: named('sigmoid'),
  AvgPool: ({ graph, node, inputs, value }) =>
    graph.node('AveragePool', [value(inputs[0] ?? '')], {
      kernel_shape: rowsAndColumns(node, 'ksize'),
      strides: rowsAndColumns(node, 'strides'),
      auto_pad: convOptions(node).padding === 'same' ? 'SAME_UPPER' : 'VALID',
    }),
  Mean: ({ graph, inputs, weight, value }) => {
    const axes = [...weight(inputs[1] ?? '').data].sort()
    if (axes.join() !== '1,2') throw notConverted(`a mean over ${axes}`)
    return meanOfPixels(graph, value(inputs[0] ?? ''))
  },
  ConcatV2: ({ graph, inputs, weight, value }) => {
    const axis = weight(inputs.at(-1) ?? '').data[0]
    if (axis !== 3 && axis !== -1) throw notConverted(`joining along axis ${axis}`)
    return graph.node('Concat', inputs.slice(0, -1).map(value), { axis: 1 })
  },
  ResizeBilinear: ({ graph, node, inputs, weight, value }) => {
    const [rows = 0, columns = 0] = weight(inputs[1] ?? '').data
    const { align_corners, half_pixel_centers } = node.attr
    const mode = align_corners?.b ? 'align_corners' : half_pixel_centers?.b ? 'half_pixel' : 'asymmetric'
    return resizeTo(graph, value(inputs[0] ?? ''), [rows, columns], mode)
  },
}

function dataInputs({ op, input = [] }: Node): readonly string[] {
  const skipped = op === 'ConcatV2' ? [input.length - 1] : (CONSTANTS[op] ?? [])
  return input.filter((_, at) => !skipped.includes(at)).map(plain)
}

const convOptions = (node: Node, bias?: Weight): ConvOptions => ({
  strides: rowsAndColumns(node, 'strides'),
  dilations: node.attr.dilations ? rowsAndColumns(node, 'dilations') : [1, 1],
  padding: text(node.attr.padding?.s ?? '') === 'SAME' ? 'same' : 'valid',
  bias,
})

function rowsAndColumns(node: Node, name: string): [number, number] {
  const [, rows, columns] = (node.attr[name]?.list?.i ?? []).map(Number)
  if (!rows || !columns) throw notConverted(`${node.op} without ${name}`)
  return [rows, columns]
}

/** The name of a node behind one of its outputs or a control input. */
const plain = (input: string): string => input.replace(/^\^/, '').replace(/:\d+$/, '')

/** Texts in attributes are base64. */
const text = (base64: string): string => Buffer.from(base64, 'base64').toString()
