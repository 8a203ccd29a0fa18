import { createHash } from 'node:crypto'
import { utf8 } from '@millrace/base'
import { type BlockCodec, type Cid, cidOf } from './cid.ts'
import { encodeNode, type Link } from './node.ts'

/** As `ipfs add --cid-version=1` does it: raw leaves of 256 KiB, 174 links a node, a balanced tree. */
const CHUNK_BYTES = 262_144
const MAX_LINKS = 174

export type PutBlock = (cid: Cid, block: Uint8Array) => Promise<void>

/** What was added: `bytes` counts all its blocks, `size` the file. */
export type Added = { readonly cid: Cid; readonly bytes: number; readonly size: number }

/** Cuts a file into blocks and returns the CID that every IPFS node gives it. */
export async function addFile(data: Uint8Array, put: PutBlock): Promise<Added> {
  let level: Added[] = []
  for (let at = 0; at === 0 || at < data.length; at += CHUNK_BYTES) {
    const chunk = data.subarray(at, at + CHUNK_BYTES)
    level.push({ cid: await putBlock('raw', chunk, put), bytes: chunk.length, size: chunk.length })
  }
  while (level.length > 1) {
    const above: Added[] = []
    for (let at = 0; at < level.length; at += MAX_LINKS) above.push(await join(level.slice(at, at + MAX_LINKS), put))
    level = above
  }
  return level[0] as Added
}

async function join(children: readonly Added[], put: PutBlock): Promise<Added> {
  const block = encodeNode({
    kind: 'file',
    links: children.map(({ cid, bytes }) => ({ cid, bytes, name: '' })),
    sizes: children.map(({ size }) => size),
    data: new Uint8Array(0),
  })
  return {
    cid: await putBlock('dag-pb', block, put),
    bytes: children.reduce((sum, { bytes }) => sum + bytes, block.length),
    size: children.reduce((sum, { size }) => sum + size, 0),
  }
}

/** Makes folders of files by their paths and returns the CID of the root. */
export async function addFolder(
  files: ReadonlyMap<string, Pick<Added, 'cid' | 'bytes'>>,
  put: PutBlock,
): Promise<Added> {
  const links: Link[] = []
  const below = new Map<string, Map<string, Pick<Added, 'cid' | 'bytes'>>>()
  for (const [path, file] of files) {
    const slash = path.indexOf('/')
    if (slash < 0) links.push({ name: path, ...file })
    else {
      const name = path.slice(0, slash)
      const inside = below.get(name) ?? new Map()
      below.set(name, inside.set(path.slice(slash + 1), file))
    }
  }
  for (const [name, inside] of below) {
    const { cid, bytes } = await addFolder(inside, put)
    links.push({ name, cid, bytes })
  }
  // dag-pb sorts links by the bytes of their names.
  links.sort((a, b) => Buffer.compare(utf8(a.name), utf8(b.name)))
  const block = encodeNode({ kind: 'folder', links })
  const cid = await putBlock('dag-pb', block, put)
  return { cid, bytes: links.reduce((sum, link) => sum + link.bytes, block.length), size: 0 }
}

async function putBlock(codec: BlockCodec, block: Uint8Array, put: PutBlock): Promise<Cid> {
  const cid = cidOf(codec, createHash('sha256').update(block).digest())
  await put(cid, block)
  return cid
}
