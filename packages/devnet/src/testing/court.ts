import {
  bond,
  type ChainClient,
  findVerifier,
  initializeRound,
  roundState,
  setCuts,
  type TxSender,
  type Verifier,
} from '@millrace/chain'
import { contractId, controllerAbi, livepeerTokenAbi } from '@millrace/contracts'
import { type DisputeParameters, deployVerifier, strictVerificationOnDevnet } from '@millrace/contracts/deploy'
import type { Address } from '@millrace/wire'
import { createWalletClient, maxUint256 } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { devnetKeyHex } from '../genesis/accounts.ts'

const LPT = 10n ** 18n
const SOME_ETHER = '0xde0b6b3a7640000'
const PERC = 10_000n

const request = (client: ChainClient, method: string, ...params: unknown[]): Promise<unknown> =>
  client.rpc.request({ method, params } as never) as Promise<unknown>

/** Registers a Verifier with the rules of the embedded network, which turns slashing on. */
export async function registerVerifier(
  client: ChainClient,
  changes: Partial<DisputeParameters> = {},
): Promise<Verifier> {
  const account = privateKeyToAccount(devnetKeyHex('deployer'))
  await deployVerifier({
    publicClient: client.rpc,
    walletClient: createWalletClient({ account, chain: client.rpc.chain, transport: client.pool.transport() }),
    controller: client.addresses.controller,
    parameters: { ...strictVerificationOnDevnet, ...changes },
    gasPrice: 1n,
  })
  return (await findVerifier(client))!
}

/** LPT of the embedded network's faucet, whole tokens. */
export async function giveLpt(client: ChainClient, to: Address, lpt: bigint): Promise<void> {
  const { rpc, pool, addresses } = client
  const faucet = (await rpc.readContract({
    address: addresses.controller,
    abi: controllerAbi,
    functionName: 'getContract',
    args: [contractId('LivepeerTokenFaucet')],
  })) as Address
  await request(client, 'anvil_impersonateAccount', faucet)
  await request(client, 'anvil_setBalance', faucet, SOME_ETHER)
  const wallet = createWalletClient({ account: faucet, chain: rpc.chain, transport: pool.transport() })
  const args = [to, lpt * LPT] as const
  const call = { address: addresses.livepeerToken, abi: livepeerTokenAbi, functionName: 'transfer', args } as const
  const hash = await wallet.writeContract({ ...call, chain: null, gasPrice: 1n })
  await rpc.waitForTransactionReceipt({ hash })
}

/** Bonds 90,000 LPT of an account of nobody to itself; it is an active orchestrator from the next round on. */
export async function bondNewOrchestrator(client: ChainClient, sender: TxSender): Promise<void> {
  const { livepeerToken: address, bondingManager } = client.addresses
  await request(client, 'anvil_setBalance', sender.address, SOME_ETHER)
  await giveLpt(client, sender.address, 100_000n)
  await sender.send({ address, abi: livepeerTokenAbi, functionName: 'approve', args: [bondingManager, maxUint256] })
  await bond(client, sender, { amount: 90_000n * LPT, to: sender.address })
  await setCuts(client, sender, { rewardCut: 10n * PERC, feeShare: 50n * PERC })
}

/** Goes to the next round and initialises it. */
export async function nextRound(client: ChainClient, sender: TxSender): Promise<void> {
  const { startBlock, roundLength } = await roundState(client)
  const blocks = startBlock + roundLength - (await client.rpc.getBlockNumber({ cacheTime: 0 }))
  if (blocks > 0n) await request(client, 'anvil_mine', `0x${blocks.toString(16)}`)
  // On a network with nodes one of them may be the first.
  await initializeRound(client, sender).catch(() => {})
}
