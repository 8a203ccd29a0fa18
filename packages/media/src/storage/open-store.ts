import { MillraceError } from '@millrace/base'
import { FolderStore } from './folder.ts'
import { IpfsStore } from './ipfs/ipfs-store.ts'
import { PinataPins } from './ipfs/pinata.ts'
import { PinningService } from './ipfs/pinning-service.ts'
import { MemoryStore } from './memory.ts'
import type { ObjectStore } from './object-store.ts'
import { S3Store } from './s3/s3-store.ts'
import { parseStoreUrl } from './store-url.ts'

export type OpenStoreOptions = {
  /** Where blocks of an IPFS store are kept on this machine; such a store needs it. */
  readonly ipfsFolder?: string
}

/** Opens the store that a URL names (wire spec 6.5); throws `bad_store_url`, or `store_unsupported` for kinds that are not there. */
export function openObjectStore(url: string, options: OpenStoreOptions = {}): ObjectStore {
  const location = parseStoreUrl(url)
  switch (location.kind) {
    case 'memory':
      return new MemoryStore()
    case 'folder':
      return new FolderStore(location)
    case 's3':
      return new S3Store(location)
    case 'ipfs': {
      const { ipfsFolder } = options
      const blocks = ipfsFolder === undefined ? new MemoryStore() : new FolderStore({ path: ipfsFolder })
      return new IpfsStore({ blocks, ...pinsOf(location.pins) })
    }
    default:
      throw new MillraceError(
        'store_unsupported',
        `stores of the kind ${location.scheme}:// are not there: use s3+https:// (Google's buckets speak it too, with HMAC keys), ipfs:// or a folder`,
      )
  }
}

function pinsOf(pins: Extract<ReturnType<typeof parseStoreUrl>, { readonly kind: 'ipfs' }>['pins']) {
  if (!pins) return {}
  return { pins: pins.kind === 'pinata' ? new PinataPins(pins) : new PinningService(pins) }
}
