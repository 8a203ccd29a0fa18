import { MillraceError } from '@millrace/base'
import { askStore, type StorePatience } from '../http-store.ts'
import type { ObjectCall } from '../object-store.ts'
import type { Cid } from './cid.ts'

/** Somebody who keeps blocks for others. */
export type PinService = {
  /** Where, for logs. */
  readonly about: string
  /** Makes the service keep an object; resolves when it has taken it. */
  pin(
    object: { readonly cid: Cid; readonly name: string; readonly data: Uint8Array },
    options?: ObjectCall,
  ): Promise<void>
  unpin(cid: Cid, options?: ObjectCall): Promise<void>
}

export type PinataOptions = {
  readonly key: string
  readonly secret: string
  readonly apiUrl: string
  readonly patience?: StorePatience
}

/** Pinata, which is sent the bytes themselves. Throws `store_refused` and `store_unreachable`, and `cid_mismatch` when it names other bytes. */
export class PinataPins implements PinService {
  readonly about = 'pinata.cloud'
  readonly #options: PinataOptions

  constructor(options: PinataOptions) {
    this.#options = options
  }

  async pin({ cid, name, data }: Parameters<PinService['pin']>[0], { signal }: ObjectCall = {}): Promise<void> {
    const { apiUrl, patience } = this.#options
    const { status, body } = await askStore(() => {
      const form = new FormData()
      form.set('file', new Blob([data as Uint8Array<ArrayBuffer>]), name.split('/').at(-1))
      form.set('pinataOptions', JSON.stringify({ cidVersion: 1 }))
      form.set('pinataMetadata', JSON.stringify({ name }))
      return { method: 'POST', url: `${apiUrl}/pinning/pinFileToIPFS`, headers: this.#headers(), body: form, signal }
    }, patience)
    if (status !== 200) throw refused(status)
    const theirs = hashIn(body)
    if (theirs !== cid.text)
      throw new MillraceError('cid_mismatch', `the pinning service keeps ${theirs} in place of ${cid.text}`)
  }

  async unpin(cid: Cid, { signal }: ObjectCall = {}): Promise<void> {
    const { apiUrl, patience } = this.#options
    const url = `${apiUrl}/pinning/unpin/${cid.text}`
    const { status } = await askStore(() => ({ method: 'DELETE', url, headers: this.#headers(), signal }), patience)
    if (status !== 200 && status !== 404) throw refused(status)
  }

  #headers(): Record<string, string> {
    return { pinata_api_key: this.#options.key, pinata_secret_api_key: this.#options.secret }
  }
}

function hashIn(body: Uint8Array): string {
  try {
    const { IpfsHash } = JSON.parse(Buffer.from(body).toString('utf8')) as { IpfsHash?: unknown }
    if (typeof IpfsHash === 'string' && /^\w{1,100}$/.test(IpfsHash)) return IpfsHash
  } catch {
    // What is no JSON names nothing.
  }
  return 'nothing'
}

const refused = (status: number): MillraceError =>
  new MillraceError('store_refused', `the pinning service answered ${status}: check key and secret`, {
    meta: { status },
  })
