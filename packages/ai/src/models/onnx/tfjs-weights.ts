import { MillraceError } from '@millrace/base'

/** The numbers of one weight, whatever they were packed as. */
export type Weight = { readonly dims: readonly number[]; readonly data: Float32Array }

/** An entry of the manifest of a TensorFlow.js model. */
export type WeightEntry = {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: string
  readonly quantization?: { readonly dtype: string; readonly scale?: number; readonly min?: number }
}

/** What makes numbers of bytes, by how they were packed. */
const PACKED: Readonly<Record<string, { readonly size: number; read(view: DataView, at: number): number }>> = {
  float32: { size: 4, read: (view, at) => view.getFloat32(at, true) },
  int32: { size: 4, read: (view, at) => view.getInt32(at, true) },
  uint16: { size: 2, read: (view, at) => view.getUint16(at, true) },
  uint8: { size: 1, read: (view, at) => view.getUint8(at) },
  bool: { size: 1, read: (view, at) => view.getUint8(at) },
  float16: { size: 2, read: (view, at) => fromHalf(view.getUint16(at, true)) },
}

/** The weights of a TensorFlow.js model by their names; throws `model_unreadable` when bytes and manifest differ. */
export function readWeights(entries: readonly WeightEntry[], bytes: Uint8Array): ReadonlyMap<string, Weight> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const weights = new Map<string, Weight>()
  let at = 0
  for (const { name, shape, dtype, quantization } of entries) {
    const packed = PACKED[quantization?.dtype ?? dtype]
    const count = shape.reduce((product, dim) => product * dim, 1)
    if (!packed || at + count * packed.size > bytes.length)
      throw new MillraceError('model_unreadable', `the weights of a model are damaged at ${name}`)
    const { scale = 1, min = 0 } = quantization ?? {}
    const data = Float32Array.from(
      { length: count },
      (_, index) => packed.read(view, at + index * packed.size) * scale + min,
    )
    weights.set(name, { dims: shape, data })
    at += count * packed.size
  }
  return weights
}

/** IEEE 754 half precision. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + fraction / 1_024) * 2 ** (exponent - 15)
}
