import { createHash } from 'node:crypto'
import { concatBytes, equalBytes, MillraceError } from '@millrace/base'
import { checkObjectKey } from '../object-key.ts'
import type { ObjectCall, ObjectStore } from '../object-store.ts'
import { type Added, addFile, addFolder } from './add-file.ts'
import { carBlock, carHeader } from './car.ts'
import { type Cid, parseCid } from './cid.ts'
import { decodeNode, type UnixFsNode } from './node.ts'
import type { PinService } from './pinata.ts'

const BLOCKS = 'blocks/'
const NAMES = 'names/'
/** Trees of ours are three levels deep at most; deeper ones are somebody's joke. */
const MAX_DEPTH = 32

export type IpfsStoreOptions = {
  /** Where blocks, and what they are called here, are kept. */
  readonly blocks: ObjectStore
  /** Who keeps them too. */
  readonly pins?: PinService
}

/**
 * Keeps objects under the CIDs that IPFS gives them, and remembers which key has which; the address of an object is `ipfs://` and its CID.
 * Blocks stay when a key is removed, since others may hold the same bytes; a pinning service is told.
 */
export class IpfsStore implements ObjectStore {
  readonly about: string
  readonly #blocks: ObjectStore
  readonly #pins: PinService | undefined

  constructor(options: IpfsStoreOptions) {
    this.#blocks = options.blocks
    this.#pins = options.pins
    this.about = `IPFS in ${options.blocks.about}${options.pins ? ` and at ${options.pins.about}` : ''}`
  }

  async save(key: string, data: Uint8Array, { signal }: ObjectCall = {}): Promise<string> {
    checkObjectKey(key)
    const { cid, bytes } = await addFile(data, (name, block) => this.#put(name, block, { signal }))
    await this.#pins?.pin({ cid, name: key, data }, { signal })
    // The name comes last: it never leads to what is not there.
    await this.#blocks.save(`${NAMES}${key}`, Buffer.from(`${cid.text} ${bytes}`), { signal })
    return `ipfs://${cid.text}`
  }

  async read(key: string, options: ObjectCall = {}): Promise<Uint8Array | undefined> {
    const named = await this.#named(key, options)
    return named && this.readCid(named.cid.text, options)
  }

  async remove(key: string, options: ObjectCall = {}): Promise<void> {
    const named = await this.#named(key, options)
    if (!named) return
    await this.#blocks.remove(`${NAMES}${key}`, options)
    await this.#pins?.unpin(named.cid, options)
  }

  async list(prefix: string, options: ObjectCall = {}): Promise<string[]> {
    const keys = await this.#blocks.list(`${NAMES}${prefix}`, options)
    return keys.map((key) => key.slice(NAMES.length))
  }

  /** The CID of a key; undefined when there is none. */
  async cidOf(key: string, options: ObjectCall = {}): Promise<string | undefined> {
    return (await this.#named(key, options))?.cid.text
  }

  /** Makes one folder of all keys below a prefix and returns its CID. */
  async folderCid(prefix: string, options: ObjectCall = {}): Promise<string> {
    const files = new Map<string, Pick<Added, 'cid' | 'bytes'>>()
    for (const key of await this.list(`${prefix}/`, options)) {
      const named = await this.#named(key, options)
      if (named) files.set(key.slice(prefix.length + 1), named)
    }
    const { cid } = await addFolder(files, (name, block) => this.#put(name, block, options))
    return cid.text
  }

  /** The bytes of a file by its CID, or by that of a folder and a path in it; undefined when a block is not here. Throws `bad_cid`, `bad_block`, `cid_mismatch`. */
  async readCid(
    cid: string,
    options: ObjectCall & { readonly path?: readonly string[] } = {},
  ): Promise<Uint8Array | undefined> {
    let at: Cid | undefined = parseCid(cid)
    for (const name of options.path ?? []) {
      const block: Uint8Array | undefined = at.codec === 'dag-pb' ? await this.#get(at, options) : undefined
      const node: UnixFsNode | undefined = block && decodeNode(block)
      if (node?.kind !== 'folder') return undefined
      at = node.links.find((link) => link.name === name)?.cid
      if (!at) return undefined
    }
    const parts: Uint8Array[] = []
    const isWhole = await this.#collect(at, parts, options, 0)
    return isWhole ? concatBytes(...parts) : undefined
  }

  /** All blocks below a CID as a CAR file; throws `no_such_block` when one of them is not here. */
  async *car(cid: string, options: ObjectCall = {}): AsyncIterable<Uint8Array> {
    const root = parseCid(cid)
    yield carHeader(root)
    const done = new Set<string>()
    const queue: Cid[] = [root]
    for (let next = queue.shift(); next; next = queue.shift()) {
      if (done.has(next.text)) continue
      done.add(next.text)
      const block = await this.#get(next, options)
      if (!block) throw new MillraceError('no_such_block', `the block ${next.text} is not here`)
      yield carBlock(next, block)
      if (next.codec === 'dag-pb') queue.push(...decodeNode(block).links.map((link) => link.cid))
    }
  }

  async #collect(cid: Cid, parts: Uint8Array[], options: ObjectCall, depth: number): Promise<boolean> {
    const block = depth > MAX_DEPTH ? undefined : await this.#get(cid, options)
    if (!block) return false
    if (cid.codec === 'raw') {
      parts.push(block)
      return true
    }
    const node = decodeNode(block)
    if (node.kind !== 'file') return false
    parts.push(node.data)
    for (const link of node.links) if (!(await this.#collect(link.cid, parts, options, depth + 1))) return false
    return true
  }

  async #named(key: string, options: ObjectCall): Promise<{ readonly cid: Cid; readonly bytes: number } | undefined> {
    const data = await this.#blocks.read(`${NAMES}${checkObjectKey(key)}`, options)
    const [cid = '', bytes] = data ? Buffer.from(data).toString('utf8').split(' ') : []
    return data && { cid: parseCid(cid), bytes: Number(bytes) }
  }

  async #put(cid: Cid, block: Uint8Array, options: ObjectCall): Promise<void> {
    await this.#blocks.save(`${BLOCKS}${cid.text}`, block, options)
  }

  /** A block whose bytes are others than its name says is not served: disks rot. */
  async #get(cid: Cid, options: ObjectCall): Promise<Uint8Array | undefined> {
    const block = await this.#blocks.read(`${BLOCKS}${cid.text}`, options)
    if (block && !equalBytes(createHash('sha256').update(block).digest(), cid.hash))
      throw new MillraceError('cid_mismatch', `the block ${cid.text} holds other bytes than it did`)
    return block
  }
}

export const isIpfsStore = (store: ObjectStore): store is IpfsStore => store instanceof IpfsStore
