import { setTimeout as sleep } from 'node:timers/promises'
import { type ChainClient, pendingFees, roundState } from '@millrace/chain'
import { ticketBrokerAbi } from '@millrace/contracts'
import { DEVNET_ACCOUNTS, type DevnetAccount, devnetAddress, type Network } from '@millrace/devnet'
import type { Address } from '@millrace/wire'
import { parseEventLogs } from 'viem'

/** Where anvil pays the price of gas. */
const COINBASE: Address = '0x0000000000000000000000000000000000000000'

/** All wei there is, at one block: every account, the contracts that hold ETH, and what was paid for gas. */
export async function allWei(client: ChainClient, block: bigint): Promise<bigint> {
  const holders = [
    ...DEVNET_ACCOUNTS.map(devnetAddress),
    COINBASE,
    client.addresses.minter,
    client.addresses.ticketBroker,
    client.addresses.bondingManager,
  ]
  const balances = await Promise.all(holders.map((address) => client.rpc.getBalance({ address, blockNumber: block })))
  return balances.reduce((sum, balance) => sum + balance, 0n)
}

/** What redeemed tickets paid out up to a block, by the broker's own events. */
export async function transfers(
  client: ChainClient,
  fromBlock: bigint,
  toBlock: bigint,
): Promise<{ count: number; wei: bigint }> {
  const logs = await client.rpc.getLogs({ address: client.addresses.ticketBroker, fromBlock, toBlock })
  const found = parseEventLogs({ abi: ticketBrokerAbi, eventName: 'WinningTicketTransfer', logs })
  return { count: found.length, wei: found.reduce((sum, log) => sum + log.args.amount, 0n) }
}

/** Fees of orchestrators and their delegators, at one block. */
export async function allFees(client: ChainClient, block: bigint): Promise<bigint> {
  const earners: readonly DevnetAccount[] = [
    'orchestrator1',
    'orchestrator2',
    'delegator1',
    'delegator2',
    'delegator3',
    'delegator4',
  ]
  const fees = await Promise.all(earners.map((account) => pendingFees(client, devnetAddress(account), { block })))
  return fees.reduce((sum, fee) => sum + fee, 0n)
}

/** Blocks of the round that are still to come. */
export async function blocksLeft(client: ChainClient): Promise<bigint> {
  const block = await client.rpc.getBlockNumber({ cacheTime: 0 })
  const { startBlock, roundLength } = await roundState(client)
  return startBlock + roundLength - block
}

/** Waits until the condition holds; throws with what was waited for. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  for (const began = Date.now(); !(await condition()); await sleep(100))
    if (Date.now() - began > limitMs) throw new Error(`waited ${limitMs} ms for ${what}`)
}

/** The events of one type that the network has told so far. */
export const eventsOf = (network: Network, type: string) => network.hub.recent().filter((event) => event.type === type)
