import { describe, expect, it } from 'vitest'
import { broadcast, transposed } from './channels-first.ts'
import { fromGraphModel } from './from-graph-model.ts'
import { fromLayersModel } from './from-layers-model.ts'
import { OnnxGraph } from './onnx-graph.ts'
import { ProtobufWriter } from './protobuf.ts'
import { readWeights } from './tfjs-weights.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('protobuf', () => {
  it('is written as its documentation shows', () => {
    // The examples of "Encoding": 150 in field 1, "testing" in field 2, a message in field 3, and -2 in ten bytes.
    expect(hex(new ProtobufWriter().int(1, 150).finish())).toBe('089601')
    expect(hex(new ProtobufWriter().string(2, 'testing').finish())).toBe('120774657374696e67')
    expect(hex(new ProtobufWriter().message(3, (inner) => inner.int(1, 150)).finish())).toBe('1a03089601')
    expect(hex(new ProtobufWriter().int(1, -2).finish())).toBe('08feffffffffffffffff01')
    expect(hex(new ProtobufWriter().float(2, 1.5).finish())).toBe('150000c03f')
  })
})

describe('weights of TensorFlow.js', () => {
  it('are unpacked from halves, bytes and whole numbers', () => {
    const bytes = Buffer.from([
      ...[0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x55, 0x35],
      ...[0, 10, 255],
      ...[0xff, 0xff, 0xff, 0xff],
    ])
    const weights = readWeights(
      [
        { name: 'halves', shape: [2, 2], dtype: 'float32', quantization: { dtype: 'float16' } },
        { name: 'bytes', shape: [3], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.5, min: -1 } },
        { name: 'whole', shape: [], dtype: 'int32' },
      ],
      bytes,
    )
    expect([...weights.get('halves')!.data]).toEqual([1, -2, 2 ** -24, Math.fround(0.333251953125)])
    expect([...weights.get('bytes')!.data]).toEqual([-1, 4, 126.5])
    expect([...weights.get('whole')!.data]).toEqual([-1])
  })

  it('are refused when bytes are missing or packed in an unknown way', () => {
    const broken = expect.objectContaining({ code: 'model_unreadable' })
    expect(() => readWeights([{ name: 'w', shape: [2], dtype: 'float32' }], new Uint8Array(7))).toThrow(broken)
    expect(() => readWeights([{ name: 'w', shape: [1], dtype: 'complex64' }], new Uint8Array(8))).toThrow(broken)
  })
})

describe('channels first', () => {
  it('turns a filter round', () => {
    // Two rows, one column, three channels in, two out.
    const filter = { dims: [2, 1, 3, 2], data: Float32Array.from({ length: 12 }, (_, at) => at) }
    const { dims, data } = transposed(filter, [3, 2, 0, 1])
    expect(dims).toEqual([2, 3, 2, 1])
    expect([...data]).toEqual([0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11])
  })

  it('puts a bias where the channels are', () => {
    const graph = new OnnxGraph('test')
    broadcast(graph, { dims: [3], data: Float32Array.of(1, 2, 3) })
    // The dimensions 1, 3, 1, 1 of the tensor.
    expect(hex(graph.finish())).toContain('08010803080108011001')
  })
})

describe('conversion', () => {
  it('says what it does not know', () => {
    const layer = { class_name: 'LSTM', name: 'memory', config: {}, inbound_nodes: [] }
    const layers = { model_config: { config: { layers: [layer], output_layers: [['memory'] as const] } } }
    expect(() => fromLayersModel(layers, new Map())).toThrow('the layer LSTM is not known')
    const node = [{ name: 'out', op: 'Einsum', attr: {} }]
    expect(() => fromGraphModel({ node }, new Map(), { out: 'out' })).toThrow('the operator Einsum is not known')
    expect(() => fromGraphModel({ node }, new Map(), { out: 'other' })).toThrow('the lack of other is not known')
  })

  it('does not go round in circles', () => {
    const node = [
      { name: 'one', op: 'Relu', input: ['other'], attr: {} },
      { name: 'other', op: 'Relu', input: ['one'], attr: {} },
    ]
    expect(() => fromGraphModel({ node }, new Map(), { out: 'one' })).toThrow(
      expect.objectContaining({ code: 'model_unreadable' }),
    )
  })
})
