import { ProtobufWriter } from './protobuf.ts'

/** The name of a value in a graph: an input, a constant, or what a node gave. */
export type Value = string

export type Attribute = number | string | readonly number[] | { readonly float: number }

/** Numbers in the order of rows, the last dimension the quickest. */
export type Constant = { readonly dims: readonly number[]; readonly data: Float32Array | BigInt64Array }

const FLOAT = 1
const INT64 = 7
/** The operators' version: 18 is the first whose Resize takes axes. */
const OPSET = 18
const IR_VERSION = 8

/** Builds an ONNX model, node by node; fields and numbers are those of onnx.proto. */
export class OnnxGraph {
  readonly #graph = new ProtobufWriter()
  #names = 0

  constructor(name: string) {
    this.#graph.string(2, name)
  }

  /** An input of floating-point numbers; a dimension that is a text may be of any size. */
  input(name: Value, dims: readonly (number | string)[]): Value {
    this.#graph.message(11, valueInfo(name, dims))
    return name
  }

  /** What the model gives: a value that a node made, under a name of its own. */
  output(name: Value, value: Value, dims: readonly (number | string)[]): void {
    this.#write('Identity', [value], {}, name)
    this.#graph.message(12, valueInfo(name, dims))
  }

  constant({ dims, data }: Constant): Value {
    const name = this.#name('c')
    this.#graph.message(5, (tensor) => {
      for (const dim of dims) tensor.int(1, dim)
      tensor.int(2, data instanceof Float32Array ? FLOAT : INT64)
      tensor.string(8, name)
      tensor.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    })
    return name
  }

  scalar(value: number): Value {
    return this.constant({ dims: [], data: Float32Array.of(value) })
  }

  /** The first result of an operator; an input that is left out is an empty name. */
  node(operator: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    const name = this.#name('v')
    this.#write(operator, inputs, attributes, name)
    return name
  }

  /** The bytes of the model, as runtimes read them. */
  finish(): Uint8Array {
    return new ProtobufWriter()
      .int(1, IR_VERSION)
      .string(2, 'millrace')
      .bytes(7, this.#graph.finish())
      .message(8, (opset) => opset.string(1, '').int(2, OPSET))
      .finish()
  }

  #write(
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>>,
    out: Value,
  ): void {
    this.#graph.message(1, (node) => {
      for (const input of inputs) node.string(1, input)
      node.string(2, out).string(4, operator)
      for (const [name, value] of Object.entries(attributes))
        node.message(5, (attribute) => writeAttribute(attribute.string(1, name), value))
    })
  }

  #name(letter: string): Value {
    return `${letter}${this.#names++}`
  }
}

function writeAttribute(out: ProtobufWriter, value: Attribute): void {
  if (typeof value === 'number') out.int(3, value).int(20, 2)
  else if (typeof value === 'string') out.string(4, value).int(20, 3)
  else if ('float' in value) out.float(2, value.float).int(20, 1)
  else {
    for (const each of value) out.int(8, each)
    out.int(20, 7)
  }
}

const valueInfo = (name: string, dims: readonly (number | string)[]) => (info: ProtobufWriter) =>
  info.string(1, name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.int(1, FLOAT).message(2, (shape) => {
        for (const dim of dims)
          shape.message(1, (each) => (typeof dim === 'number' ? each.int(1, dim) : each.string(2, dim)))
      }),
    ),
  )
