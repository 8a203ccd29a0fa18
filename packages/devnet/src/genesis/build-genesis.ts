import { type ChildProcess, spawn } from 'node:child_process'
import { gunzipSync } from 'node:zlib'
import { fromHex, MillraceError, silentLog } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import {
  approve,
  bond,
  type ChainClient,
  connectChain,
  DEVNET_CHAIN_ID,
  fundDepositAndReserve,
  getHead,
  initializeRound,
  setCuts,
  setServiceUri,
  TxSender,
} from '@millrace/chain'
import { deployProtocol, devnet, installArbSys } from '@millrace/contracts/deploy'
import type { Address } from '@millrace/wire'
import { createPublicClient, createWalletClient, defineChain, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { findAnvil } from '../embedded-chain.ts'
import { DEVNET_ACCOUNTS, type DevnetAccount, devnetKeyHex, GENESIS } from './accounts.ts'
import { devnetAddress } from './addresses.ts'

/** A prepared network: anvil's state as JSON, and where the Controller is. */
export type BuiltGenesis = { readonly state: Uint8Array; readonly controller: Address }

const chain = defineChain({
  id: DEVNET_CHAIN_ID,
  name: 'millrace devnet',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [] } },
})

/**
 * Makes the embedded network from nothing: contracts, LPT, two staked orchestrators with delegators, a funded gateway,
 * at the beginning of a round in which both orchestrators are active.
 */
export async function buildGenesis(): Promise<BuiltGenesis> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const anvil = startAnvil(port)
  try {
    const publicClient = createPublicClient({ chain, transport: http(url), pollingInterval: 20, cacheTime: 0 })
    await untilUp(() => publicClient.getChainId())
    const rpc = (method: string, params: readonly unknown[]) =>
      publicClient.request({ method, params } as never) as Promise<unknown>
    for (const account of DEVNET_ACCOUNTS)
      await rpc('anvil_setBalance', [devnetAddress(account), `0x${GENESIS.etherEach.toString(16)}`])
    await installArbSys(publicClient)
    const walletClient = createWalletClient({
      account: privateKeyToAccount(devnetKeyHex('deployer')),
      chain,
      transport: http(url),
    })
    const stakers = [...GENESIS.orchestrators, ...GENESIS.delegators]
    const addresses = await deployProtocol({
      publicClient,
      walletClient,
      parameters: devnet,
      governance: {},
      gasPrice: 1n,
      allocations: stakers.map(({ account, stake }) => ({ account: devnetAddress(account), amount: stake })),
    })
    const controller = addresses.controller.toLowerCase() as Address
    const client = await connectChain({ url, controller, chainId: DEVNET_CHAIN_ID })
    const sender = (account: DevnetAccount) =>
      new TxSender({ account: privateKeyToAccount(devnetKeyHex(account)) }, { client, log: silentLog })

    await beginRound(client, rpc, sender('deployer'))
    for (const { account, stake, rewardCut, feeShare, serviceUri } of GENESIS.orchestrators) {
      const self = sender(account)
      await approve(client, self, { spender: client.addresses.bondingManager, amount: stake })
      await bond(client, self, { amount: stake, to: devnetAddress(account) })
      await setCuts(client, self, { rewardCut, feeShare })
      await setServiceUri(client, self, serviceUri)
    }
    for (const { account, stake, to } of GENESIS.delegators) {
      const self = sender(account)
      await approve(client, self, { spender: client.addresses.bondingManager, amount: stake })
      await bond(client, self, { amount: stake, to: devnetAddress(to) })
    }
    await fundDepositAndReserve(client, sender('gateway'), { deposit: GENESIS.deposit, reserve: GENESIS.reserve })
    await beginRound(client, rpc, sender('deployer'))
    const state = gunzipSync(fromHex((await rpc('anvil_dumpState', [])) as string))
    return { state, controller }
  } finally {
    anvil.kill('SIGKILL')
  }
}

/** Mines to the first block of the next round and initialises it. */
async function beginRound(
  client: ChainClient,
  rpc: (method: string, params: readonly unknown[]) => Promise<unknown>,
  sender: TxSender,
): Promise<void> {
  const { number } = await getHead(client)
  const blocks = devnet.roundLength - (number % devnet.roundLength)
  await rpc('anvil_mine', [`0x${blocks.toString(16)}`])
  await initializeRound(client, sender)
}

function startAnvil(port: number): ChildProcess {
  const binary = findAnvil()
  if (!binary) throw new MillraceError('no_anvil', 'there is no anvil for this platform')
  const args = ['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(DEVNET_CHAIN_ID), '--accounts', '0']
  return spawn(binary, [...args, '--block-base-fee-per-gas', '0', '--gas-price', '1', '--disable-min-priority-fee'], {
    stdio: 'ignore',
  })
}

async function untilUp(probe: () => Promise<unknown>): Promise<void> {
  for (let i = 0; ; i++) {
    try {
      await probe()
      return
    } catch (error) {
      if (i > 200) throw error
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
}
