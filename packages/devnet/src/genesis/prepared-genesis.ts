import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Address } from '@millrace/wire'

const FOLDER = new URL('../../genesis/', import.meta.url)

/** The committed network that every embedded chain starts from; `scripts/build-genesis.js` makes it. */
export const preparedGenesis = async (): Promise<Uint8Array> =>
  promisify(gunzip)(await readFile(new URL('devnet.json.gz', FOLDER)))

/** Facts of the prepared network, among them where its Controller is. */
export async function preparedNetwork(): Promise<{ readonly controller: Address; readonly fingerprint: string }> {
  return JSON.parse(await readFile(new URL('devnet.network.json', FOLDER), 'utf8')) as {
    controller: Address
    fingerprint: string
  }
}
