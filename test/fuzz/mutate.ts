import type { Random } from './random.ts'

/** Longer inputs are cut, so that a run is not spent on a few of them. */
const MAX_BYTES = 64 * 1024
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]

type Mutation = (bytes: Buffer, random: Random, context: Context) => Buffer

/** What mutations take pieces from: other valid messages, and words of the format. */
export type Context = { readonly samples: readonly Uint8Array[]; readonly words: readonly Uint8Array[] }

/** A valid message with one to six faults, now and then only random bytes or a message as it was. */
export function mutated(random: Random, context: Context): Uint8Array {
  const kind = random.int(20)
  if (kind < 2 || context.samples.length === 0) return random.bytes(random.int(300))
  let bytes: Buffer = Buffer.from(random.pick(context.samples))
  if (kind === 2) return bytes
  for (let left = 1 + random.int(6); left > 0; left--) bytes = random.pick(MUTATIONS)(bytes, random, context)
  return bytes.subarray(0, MAX_BYTES)
}

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const at = random.int(bytes.length)
    if (at < bytes.length) bytes[at]! ^= 1 << random.int(8)
    return bytes
  },
  function setByte(bytes, random) {
    const at = random.int(bytes.length)
    if (at < bytes.length) bytes[at] = random.pick(EDGES) & 255
    return bytes
  },
  // Lengths, counts and offsets lie in one, two, three or four bytes; a varint lies most by its highest bits.
  function lie(bytes, random) {
    const width = 1 + random.int(4)
    if (bytes.length < width) return bytes
    bytes.writeUIntBE(random.pick(EDGES) % 256 ** width, random.int(bytes.length - width + 1), width)
    return bytes
  },
  function longVarint(bytes, random) {
    const at = random.int(bytes.length + 1)
    const varint = Buffer.alloc(1 + random.int(11), 0xff)
    varint[varint.length - 1] = random.int(128)
    return Buffer.concat([bytes.subarray(0, at), varint, bytes.subarray(Math.min(bytes.length, at + 1))])
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, random.int(bytes.length + 1))
  },
  function remove(bytes, random) {
    const [from, to] = range(bytes, random)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
  },
  function duplicate(bytes, random) {
    const [from, to] = range(bytes, random)
    const times = random.int(8) === 0 ? 50 : 1
    const piece = bytes.subarray(from, to)
    if (piece.length * times > MAX_BYTES) return bytes
    return Buffer.concat([bytes.subarray(0, to), ...Array<Buffer>(times).fill(piece), bytes.subarray(to)])
  },
  function swap(bytes, random) {
    const [from, middle] = range(bytes, random)
    const end = middle + random.int(bytes.length - middle + 1)
    return Buffer.concat([
      bytes.subarray(0, from),
      bytes.subarray(middle, end),
      bytes.subarray(from, middle),
      bytes.subarray(end),
    ])
  },
  function splice(bytes, random, { samples }) {
    const other = Buffer.from(random.pick(samples))
    const [from, to] = range(other, random)
    const at = random.int(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at)])
  },
  function word(bytes, random, { words }) {
    if (words.length === 0) return bytes
    const [from, to] = random.int(2) === 0 ? range(bytes, random) : [random.int(bytes.length + 1), -1]
    return Buffer.concat([bytes.subarray(0, from), random.pick(words), bytes.subarray(Math.max(from, to))])
  },
]

function range(bytes: Buffer, random: Random): readonly [number, number] {
  const from = random.int(bytes.length + 1)
  return [from, Math.min(bytes.length, from + random.int(random.int(3) === 0 ? bytes.length + 1 : 16))]
}
