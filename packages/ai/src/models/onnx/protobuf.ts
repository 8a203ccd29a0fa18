/** Writes the few kinds of protobuf fields that ONNX models are made of. */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = []
  #length = 0

  /** A whole number that is not negative, or a 64-bit one of either sign. */
  int(field: number, value: number | bigint): this {
    return this.#varint(field << 3).#varint(value)
  }

  /** A 32-bit floating-point number. */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setFloat32(0, value, true)
    return this.#varint((field << 3) | 5).#raw(bytes)
  }

  string(field: number, text: string): this {
    return this.bytes(field, new TextEncoder().encode(text))
  }

  bytes(field: number, bytes: Uint8Array): this {
    return this.#varint((field << 3) | 2)
      .#varint(bytes.length)
      .#raw(bytes)
  }

  /** A message within this one. */
  message(field: number, write: (inner: ProtobufWriter) => void): this {
    const inner = new ProtobufWriter()
    write(inner)
    return this.bytes(field, inner.finish())
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      out.set(part, at)
      at += part.length
    }
    return out
  }

  #varint(value: number | bigint): this {
    const bytes: number[] = []
    let rest = BigInt.asUintN(64, BigInt(value))
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
    return this.#raw(Uint8Array.from([...bytes, Number(rest)]))
  }

  #raw(bytes: Uint8Array): this {
    this.#parts.push(bytes)
    this.#length += bytes.length
    return this
  }
}
