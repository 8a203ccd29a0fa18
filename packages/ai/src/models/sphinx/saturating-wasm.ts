import { MillraceError } from '@millrace/base'

const CODE_SECTION = 10
const SATURATING = 0xfc

/**
 * Makes a WebAssembly program's conversions of floats to integers saturate instead of trap, as processors do. For programs that were
 * compiled before the instruction set had saturating ones, from C that counts on the processor's. Throws `package_broken` on what is no
 * program of the instruction set of 2017.
 */
export function withSaturatingConversions(program: Uint8Array): Uint8Array {
  const reader = new Reader(program)
  reader.skip(8)
  const out: Uint8Array[] = [program.subarray(0, 8)]
  while (!reader.over) {
    const id = reader.byte()
    const size = reader.number()
    const body = reader.take(size)
    const section = id === CODE_SECTION ? rewriteCode(body) : body
    out.push(Uint8Array.of(id), encodeNumber(section.length), section)
  }
  return Buffer.concat(out)
}

function rewriteCode(section: Uint8Array): Uint8Array {
  const reader = new Reader(section)
  const count = reader.number()
  const out: Uint8Array[] = [encodeNumber(count)]
  for (let i = 0; i < count; i++) {
    const body = rewriteFunction(reader.take(reader.number()))
    out.push(encodeNumber(body.length), body)
  }
  return Buffer.concat(out)
}

function rewriteFunction(body: Uint8Array): Uint8Array {
  const reader = new Reader(body)
  const locals = reader.number()
  for (let i = 0; i < locals; i++) {
    reader.number()
    reader.skip(1)
  }
  const out: Uint8Array[] = []
  let from = 0
  while (!reader.over) {
    const at = reader.at
    const code = reader.byte()
    const saturating = saturatingCode(code)
    if (saturating === undefined) skipOperands(reader, code)
    else {
      out.push(body.subarray(from, at), Uint8Array.of(SATURATING, saturating))
      from = reader.at
    }
  }
  out.push(body.subarray(from))
  return Buffer.concat(out)
}

/** i32.trunc_f32_s (0xa8) to i64.trunc_f64_u (0xb1), without the two conversions between integers among them. */
function saturatingCode(code: number): number | undefined {
  if (code >= 0xa8 && code <= 0xab) return code - 0xa8
  if (code >= 0xae && code <= 0xb1) return code - 0xae + 4
  return undefined
}

/** WebAssembly core specification 1.0, section 5.4. */
function skipOperands(reader: Reader, code: number): void {
  if (code >= 0x02 && code <= 0x04) reader.skip(1)
  else if (code === 0x0c || code === 0x0d || code === 0x10 || (code >= 0x20 && code <= 0x24)) reader.number()
  else if (code === 0x0e) for (let left = reader.number() + 1; left > 0; left--) reader.number()
  else if (code === 0x11) {
    reader.number()
    reader.skip(1)
  } else if (code >= 0x28 && code <= 0x3e) {
    reader.number()
    reader.number()
  } else if (code === 0x3f || code === 0x40) reader.skip(1)
  else if (code === 0x41 || code === 0x42) reader.number()
  else if (code === 0x43) reader.skip(4)
  else if (code === 0x44) reader.skip(8)
  else if (code > 0xbf) throw broken(`it has the unknown instruction ${code}`)
}

class Reader {
  readonly #bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get over(): boolean {
    return this.at >= this.#bytes.length
  }

  byte(): number {
    const value = this.#bytes[this.at++]
    if (value === undefined) throw broken('it breaks off')
    return value
  }

  /** LEB128 without sign; of the other kind only the length matters here. */
  number(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }

  skip(count: number): void {
    this.take(count)
  }

  take(count: number): Uint8Array {
    const end = this.at + count
    if (end > this.#bytes.length) throw broken('it breaks off')
    const taken = this.#bytes.subarray(this.at, end)
    this.at = end
    return taken
  }
}

function encodeNumber(value: number): Uint8Array {
  const out: number[] = []
  do {
    const low = value % 128
    value = Math.floor(value / 128)
    out.push(value > 0 ? low | 0x80 : low)
  } while (value > 0)
  return Uint8Array.from(out)
}

const broken = (why: string) => new MillraceError('package_broken', `this is no WebAssembly program: ${why}`)
