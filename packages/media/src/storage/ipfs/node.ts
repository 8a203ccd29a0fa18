import { concatBytes, utf8 } from '@millrace/base'
import { type Cid, cidBytes, parseCid } from './cid.ts'
import { badBlock, bytesField, numberField, readFields } from './protobuf.ts'

/** A link of a node: `bytes` is the size of all blocks below it, `name` empty where it is a part of a file. */
export type Link = { readonly cid: Cid; readonly name: string; readonly bytes: number }

/** A node of UnixFS; `sizes` are the bytes of the file below each link. */
export type UnixFsNode =
  | {
      readonly kind: 'file'
      readonly links: readonly Link[]
      readonly sizes: readonly number[]
      readonly data: Uint8Array
    }
  | { readonly kind: 'folder'; readonly links: readonly Link[] }

const FOLDER = 1
const FILE = 2

/** A node as a dag-pb block: its links stand before its data. */
export function encodeNode(node: UnixFsNode): Uint8Array {
  const links = node.links.map(({ cid, name, bytes }) =>
    bytesField(2, concatBytes(bytesField(1, cidBytes(cid)), bytesField(2, utf8(name)), numberField(3, bytes))),
  )
  return concatBytes(...links, bytesField(1, unixFsData(node)))
}

function unixFsData(node: UnixFsNode): Uint8Array {
  if (node.kind === 'folder') return numberField(1, FOLDER)
  const { data, sizes } = node
  const size = sizes.reduce((sum, bytes) => sum + bytes, data.length)
  return concatBytes(
    numberField(1, FILE),
    ...(data.length > 0 ? [bytesField(2, data)] : []),
    numberField(3, size),
    ...sizes.map((bytes) => numberField(4, bytes)),
  )
}

/** Reads a dag-pb block; throws `bad_block` or `bad_cid`. */
export function decodeNode(block: Uint8Array): UnixFsNode {
  const fields = readFields(block)
  const links = fields.filter(({ number }) => number === 2).map(({ value }) => decodeLink(bytesOf(value)))
  const unixFs = readFields(bytesOf(fields.find(({ number }) => number === 1)?.value))
  const kind = unixFs.find(({ number }) => number === 1)?.value
  if (kind === FOLDER) return { kind: 'folder', links }
  if (kind !== FILE) throw badBlock()
  const data = bytesOf(unixFs.find(({ number }) => number === 2)?.value ?? new Uint8Array(0))
  const sizes = unixFs.filter(({ number }) => number === 4).map(({ value }) => numberOf(value))
  if (sizes.length !== links.length) throw badBlock()
  return { kind: 'file', links, sizes, data }
}

function decodeLink(bytes: Uint8Array): Link {
  const fields = readFields(bytes)
  const field = (number: number) => fields.find((one) => one.number === number)?.value
  return {
    cid: parseCid(bytesOf(field(1))),
    name: new TextDecoder().decode(bytesOf(field(2) ?? new Uint8Array(0))),
    bytes: numberOf(field(3) ?? 0),
  }
}

function bytesOf(value: number | Uint8Array | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw badBlock()
}

function numberOf(value: number | Uint8Array): number {
  if (typeof value === 'number') return value
  throw badBlock()
}
