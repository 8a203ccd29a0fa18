import { MillraceError } from '@millrace/base'

/** A value of AMF0, the data format of RTMP commands. Objects have no prototype, so that no key can reach one. */
export type AmfValue = number | boolean | string | null | undefined | AmfObject | AmfValue[]
export type AmfObject = { [key: string]: AmfValue }

/** Bounds on what a peer may make us build; real encoders stay far below. */
const MAX_DEPTH = 8
const MAX_VALUES = 1_000

/** Reads all values of a command message; throws `bad_amf` for anything cut off, too deep or too large. */
export function decodeAmf0(data: Uint8Array): AmfValue[] {
  const reader = new Reader(data)
  const values: AmfValue[] = []
  while (!reader.done) values.push(reader.value(0))
  return values
}

/** Writes values one after the other. */
export function encodeAmf0(...values: readonly AmfValue[]): Uint8Array {
  const parts: Buffer[] = []
  for (const value of values) encodeValue(value, parts, 0)
  return Buffer.concat(parts)
}

const bad = (what: string) => new MillraceError('bad_amf', `the command is not valid AMF0: ${what}`)

class Reader {
  readonly #view: DataView
  readonly #data: Uint8Array
  #at = 0
  #values = 0

  constructor(data: Uint8Array) {
    this.#data = data
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  }

  get done(): boolean {
    return this.#at >= this.#data.length
  }

  value(depth: number): AmfValue {
    if (depth > MAX_DEPTH) throw bad(`more than ${MAX_DEPTH} levels`)
    if (++this.#values > MAX_VALUES) throw bad(`more than ${MAX_VALUES} values`)
    const type = this.#byte()
    switch (type) {
      case 0x00:
        return this.#view.getFloat64(this.#take(8))
      case 0x01:
        return this.#byte() !== 0
      case 0x02:
        return this.#text(this.#u16())
      case 0x03:
        return this.#object(depth)
      case 0x05:
        return null
      case 0x06:
        return undefined
      case 0x08:
        this.#take(4)
        return this.#object(depth)
      case 0x0a: {
        const count = this.#u32()
        const list: AmfValue[] = []
        for (let i = 0; i < count; i++) list.push(this.value(depth + 1))
        return list
      }
      case 0x0b: {
        const time = this.#view.getFloat64(this.#take(8))
        this.#take(2)
        return time
      }
      case 0x0c:
      case 0x0f:
        return this.#text(this.#u32())
      // AMF3 values that a client wraps into AMF0 are not used by publishers.
      default:
        throw bad(`type ${type}`)
    }
  }

  #object(depth: number): AmfObject {
    const object: AmfObject = Object.create(null)
    for (;;) {
      const key = this.#text(this.#u16())
      if (key === '' && this.#data[this.#at] === 0x09) {
        this.#at++
        return object
      }
      object[key] = this.value(depth + 1)
    }
  }

  #byte(): number {
    return this.#data[this.#take(1)]!
  }

  #u16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  #u32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  #text(length: number): string {
    const at = this.#take(length)
    return Buffer.from(this.#data.buffer, this.#data.byteOffset + at, length).toString('utf8')
  }

  /** Steps over a field and returns where it began. */
  #take(length: number): number {
    const at = this.#at
    if (length > this.#data.length - at) throw bad('a value is longer than the message')
    this.#at += length
    return at
  }
}

function encodeValue(value: AmfValue, parts: Buffer[], depth: number): void {
  if (depth > MAX_DEPTH) throw bad(`more than ${MAX_DEPTH} levels`)
  if (value === null) parts.push(Buffer.of(5))
  else if (value === undefined) parts.push(Buffer.of(6))
  else if (typeof value === 'boolean') parts.push(Buffer.of(1, value ? 1 : 0))
  else if (typeof value === 'number') {
    const out = Buffer.alloc(9)
    out.writeDoubleBE(value, 1)
    parts.push(out)
  } else if (typeof value === 'string') {
    const text = Buffer.from(value)
    if (text.length > 0xffff) throw bad('a text is longer than 65535 bytes')
    parts.push(Buffer.of(2, text.length >> 8, text.length & 255), text)
  } else if (Array.isArray(value)) {
    const head = Buffer.alloc(5)
    head[0] = 0x0a
    head.writeUInt32BE(value.length, 1)
    parts.push(head)
    for (const item of value) encodeValue(item, parts, depth + 1)
  } else {
    parts.push(Buffer.of(3))
    for (const [key, item] of Object.entries(value)) {
      const text = Buffer.from(key)
      parts.push(Buffer.of(text.length >> 8, text.length & 255), text)
      encodeValue(item, parts, depth + 1)
    }
    parts.push(Buffer.of(0, 0, 9))
  }
}
