import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { type ChainClient, connectChain, DEVNET_CHAIN_ID, TxSender, type TxSenderOptions } from '@millrace/chain'
import { privateKeyToAccount } from 'viem/accounts'
import { EmbeddedChain, type EmbeddedChainOptions } from './embedded-chain.ts'
import { type DevnetAccount, devnetKeyHex } from './genesis/accounts.ts'
import { preparedGenesis, preparedNetwork } from './genesis/prepared-genesis.ts'

/** A folder for chain state that is gone at the end. */
export async function openFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-chain-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

export const embeddedChain = (folder: string, more: Partial<EmbeddedChainOptions> = {}, onDeath = (_: Error) => {}) =>
  new EmbeddedChain(
    {
      folder,
      host: '127.0.0.1',
      port: 0,
      chainId: DEVNET_CHAIN_ID,
      genesis: preparedGenesis,
      blockTimeMs: 100,
      dumpEveryMs: 60_000,
      ...more,
    },
    { log: silentLog, onDeath },
  )

export const connectTo = async ({ url }: { readonly url: string }): Promise<ChainClient> =>
  connectChain({ url, controller: (await preparedNetwork()).controller, chainId: DEVNET_CHAIN_ID })

/** The prepared network on a chain that makes a block for every transaction, and else only when it is told to. */
export async function openChain() {
  const folder = await openFolder()
  const chain = embeddedChain(folder.path)
  await chain.start()
  const client = await connectTo(chain)
  const rpc = (method: string, ...params: unknown[]): Promise<unknown> =>
    client.rpc.request({ method, params } as never) as Promise<unknown>
  await rpc('evm_setIntervalMining', 0)
  await rpc('evm_setAutomine', true)
  return {
    chain,
    client,
    rpc,
    mine: (blocks: number) => rpc('anvil_mine', `0x${blocks.toString(16)}`),
    sender: (account: DevnetAccount, options: TxSenderOptions = {}) =>
      new TxSender({ ...options, account: privateKeyToAccount(devnetKeyHex(account)) }, { client, log: silentLog }),
    [Symbol.asyncDispose]: async () => {
      await chain.crash()
      await folder[Symbol.asyncDispose]()
    },
  }
}

export type TestChain = Awaited<ReturnType<typeof openChain>>
