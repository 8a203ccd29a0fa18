import { type BatchCall, BatchReader, bondingManager, MULTICALL3 } from '@millrace/chain'
import { bondingManagerAbi, bondingVotesAbi, livepeerTokenAbi } from '@millrace/contracts'
import type { Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChain, type TestChain } from './chain-fixture.ts'
import { devnetAddress } from './genesis/addresses.ts'

let chain: TestChain
beforeAll(async () => {
  chain = await openChain()
})
afterAll(async () => chain?.[Symbol.asyncDispose]())

const FIRST = devnetAddress('orchestrator1')
const calls = (): BatchCall[] => {
  const { bondingManager: address, livepeerToken } = chain.client.addresses
  return [
    ...Array.from({ length: 40 }, () => ({
      address,
      abi: bondingManagerAbi,
      functionName: 'pendingStake',
      args: [FIRST, 0n],
    })),
    { address, abi: bondingManagerAbi, functionName: 'getDelegator', args: [FIRST] },
    { address: livepeerToken, abi: livepeerTokenAbi, functionName: 'totalSupply' },
  ]
}

/** Puts the code of Multicall3, which viem carries for calls without it, where other chains have it. */
async function installMulticall(): Promise<void> {
  const entry = import.meta.resolve('viem')
  const { multicall3Bytecode } = (await import(new URL('./constants/contracts.js', entry).href)) as {
    multicall3Bytecode: Hex
  }
  const from = devnetAddress('deployer')
  await chain.rpc('anvil_impersonateAccount', from)
  const hash = (await chain.rpc('eth_sendTransaction', {
    from,
    data: multicall3Bytecode,
    gas: '0x4c4b40',
    gasPrice: '0x1',
  })) as Hex
  const receipt = await chain.client.rpc.waitForTransactionReceipt({ hash, pollingInterval: 20 })
  const code = await chain.client.rpc.getCode({ address: receipt.contractAddress! })
  await chain.rpc('anvil_setCode', MULTICALL3, code)
}

describe.each([
  ['as a JSON-RPC batch', async () => undefined],
  ['through Multicall3', installMulticall],
])('reading many values %s', (_, prepare) => {
  beforeAll(async () => prepare())

  it('gives what single reads give, and the block at which it is so', async () => {
    const { block, results } = await new BatchReader({ client: chain.client }).read(calls())
    expect(block).toBe(await chain.client.rpc.getBlockNumber())
    expect(results).toHaveLength(42)
    const stake = await bondingManager.pendingStake(chain.client, FIRST)
    expect(results.slice(0, 40)).toEqual(Array.from({ length: 40 }, () => stake))
    expect((results[40] as bigint[])[0]).toBe(stake)
    expect(results[41]).toBe(
      await chain.client.rpc.readContract({
        address: chain.client.addresses.livepeerToken,
        abi: livepeerTokenAbi,
        functionName: 'totalSupply',
      }),
    )
  })

  it('gives what was so at an earlier block', async () => {
    const block = await chain.client.rpc.getBlockNumber()
    const reader = new BatchReader({ client: chain.client })
    const before = await reader.read(calls())
    await bondingManager.unbond(chain.client, chain.sender('orchestrator1'), 1n)
    await chain.mine(3)
    expect(await reader.read(calls(), { block })).toEqual(before)
  })

  it('fails with the reason of the call that fails', async () => {
    const { bondingVotes: address } = chain.client.addresses
    const late = { address, abi: bondingVotesAbi, functionName: 'getPastTotalSupply', args: [10n ** 9n] }
    const reading = new BatchReader({ client: chain.client }).read([...calls(), late])
    await expect(reading).rejects.toMatchObject({ code: 'reverted', meta: { kind: 'custom', reason: 'FutureLookup' } })
  })
})
