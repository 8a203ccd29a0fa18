import { MillraceError } from '@millrace/base'
import { askStore, type StoreAnswer, type StorePatience } from '../http-store.ts'
import type { ObjectCall } from '../object-store.ts'
import type { Cid } from './cid.ts'
import type { PinService } from './pinata.ts'

export type PinningServiceOptions = {
  /** The root of its API. */
  readonly url: string
  readonly token: string
  readonly patience?: StorePatience
}

/** A service of the IPFS Pinning Service API; it fetches the blocks from the network by itself. Throws `store_refused` and `store_unreachable`. */
export class PinningService implements PinService {
  readonly about: string
  readonly #options: PinningServiceOptions

  constructor(options: PinningServiceOptions) {
    this.#options = options
    this.about = new URL(options.url).host
  }

  async pin({ cid, name }: Parameters<PinService['pin']>[0], { signal }: ObjectCall = {}): Promise<void> {
    // The API allows names of 255 characters.
    const body = Buffer.from(JSON.stringify({ cid: cid.text, name: name.slice(-255) }))
    await this.#ask('POST', '/pins', { body, signal })
  }

  async unpin(cid: Cid, { signal }: ObjectCall = {}): Promise<void> {
    const { body } = await this.#ask('GET', `/pins?cid=${cid.text}`, { signal })
    for (const id of requestIds(body)) await this.#ask('DELETE', `/pins/${encodeURIComponent(id)}`, { signal })
  }

  async #ask(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    options: ObjectCall & { readonly body?: Uint8Array },
  ): Promise<StoreAnswer> {
    const { url, token, patience } = this.#options
    const { body, signal } = options
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
    const answer = await askStore(
      () => ({ method, url: `${url}${path}`, headers, ...(body && { body }), signal }),
      patience,
    )
    if (answer.status >= 200 && answer.status < 300) return answer
    throw new MillraceError('store_refused', `the pinning service answered ${answer.status}: check its token`, {
      meta: { status: answer.status },
    })
  }
}

function requestIds(body: Uint8Array): string[] {
  try {
    const { results } = JSON.parse(Buffer.from(body).toString('utf8')) as { results?: unknown }
    if (Array.isArray(results)) return results.map(({ requestid }) => requestid).filter((id) => typeof id === 'string')
  } catch {
    // What is no JSON lists nothing.
  }
  return []
}
