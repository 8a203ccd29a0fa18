import {
  balanceOf,
  controller,
  forecast,
  getOrchestrator,
  getPool,
  inflation,
  initializeRound,
  type NetworkEconomics,
  pendingFees,
  pendingFeesOf,
  pendingStake,
  pendingStakeOf,
  reward,
  splitFees,
  splitReward,
  totalBonded,
  totalSupply,
} from '@millrace/chain'
import { bondingManagerAbi, contractIds, minterAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import { encodeFunctionData } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openChain, type TestChain } from './chain-fixture.ts'
import { GENESIS } from './genesis/accounts.ts'
import { devnetAddress } from './genesis/addresses.ts'

const ROUND = 60
const ORCHESTRATORS = GENESIS.orchestrators.map(({ account }) => account)

let chain: TestChain
beforeAll(async () => {
  chain = await openChain()
})
afterAll(async () => chain?.[Symbol.asyncDispose]())

const bondingManager = <
  const F extends 'treasuryRewardCutRate' | 'nextRoundTreasuryRewardCutRate' | 'treasuryBalanceCeiling',
>(
  functionName: F,
) =>
  chain.client.rpc.readContract({
    address: chain.client.addresses.bondingManager,
    abi: bondingManagerAbi,
    functionName,
  })
const minter = <
  const F extends 'inflationChange' | 'targetBondingRate' | 'currentMintableTokens' | 'currentMintedTokens',
>(
  functionName: F,
) => chain.client.rpc.readContract({ address: chain.client.addresses.minter, abi: minterAbi, functionName })

async function economics(): Promise<NetworkEconomics> {
  const pool = await getPool(chain.client)
  const orchestrators = await Promise.all(pool.map((address) => getOrchestrator(chain.client, address)))
  return {
    supply: await totalSupply(chain.client),
    stakes: orchestrators.map(({ stake }) => stake),
    inflation: await inflation(chain.client),
    inflationChange: await minter('inflationChange'),
    targetBondingRate: await minter('targetBondingRate'),
    treasuryCut: await bondingManager('nextRoundTreasuryRewardCutRate'),
    treasuryBalance: await treasuryBalance(),
    treasuryCeiling: await bondingManager('treasuryBalanceCeiling'),
  }
}

async function treasuryBalance(): Promise<bigint> {
  return balanceOf(chain.client, await controller.getContract(chain.client, contractIds.Treasury))
}

const nextRound = async () => {
  await chain.mine(ROUND)
  await initializeRound(chain.client, chain.sender('deployer'))
}

it('a forecast of rounds is what the contracts do, to the smallest unit', async () => {
  const expected = forecast(await economics())
  for (let round = 0; round < 6; round++) {
    await nextRound()
    // The order of the pool is that of the stakes the forecast began with.
    for (const account of ORCHESTRATORS) await reward(chain.client, chain.sender(account))
    const { mintable, minted, toTreasury, ...after } = expected.next().value
    expect({ mintable, minted }, `round ${round}`).toEqual({
      mintable: await minter('currentMintableTokens'),
      minted: await minter('currentMintedTokens'),
    })
    expect(toTreasury).toBeGreaterThan(0n)
    expect(after, `round ${round}`).toEqual(await economics())
  }
})

it('splits of rewards and fees, and what they make of a bond, are those of the contracts', async () => {
  const { account, rewardCut, feeShare } = GENESIS.orchestrators[0]
  const address = devnetAddress(account)
  const delegator = devnetAddress('delegator1')
  const { rpc, addresses } = chain.client
  const pools = async (round: bigint) => {
    const args = [address, round] as const
    const [stake, , , rewardFactor, feeFactor] = await rpc.readContract({
      address: addresses.bondingManager,
      abi: bondingManagerAbi,
      functionName: 'getTranscoderEarningsPoolForRound',
      args,
    })
    return { stake, rewardFactor, feeFactor }
  }
  const delegatorOf = (who: Address) =>
    rpc.readContract({
      address: addresses.bondingManager,
      abi: bondingManagerAbi,
      functionName: 'getDelegator',
      args: [who],
    })
  const transcoder = () =>
    rpc.readContract({
      address: addresses.bondingManager,
      abi: bondingManagerAbi,
      functionName: 'getTranscoder',
      args: [address],
    })

  const [lastRewardRound, , , , , , , unclaimedRewards, unclaimedFees, lastFeeRound] = await transcoder()
  const { rewardFactor } = await pools(lastRewardRound)
  const { stake } = await getOrchestrator(chain.client, address)
  const { feeFactor } = await pools(lastFeeRound)
  await nextRound()
  const minted =
    ((await minter('currentMintableTokens')) * ((stake * 10n ** 9n) / (await totalBonded(chain.client)))) / 10n ** 9n
  const split = splitReward(
    minted,
    { stake, rewardCut, unclaimedRewards, rewardFactor },
    await bondingManager('treasuryRewardCutRate'),
  )
  await reward(chain.client, chain.sender(account))
  const [round, , , , , , , cumulativeRewards] = await transcoder()
  expect((await pools(round)).rewardFactor).toBe(split.rewardFactor)
  expect(cumulativeRewards).toBe(unclaimedRewards + split.unclaimed)

  // The broker alone may book fees; anvil lets the test speak for it.
  const fees = 123_456_789_012_345_678n
  const fee = splitFees(fees, { stake, feeShare, unclaimedRewards, rewardFactor, feeFactor })
  await chain.rpc('anvil_impersonateAccount', addresses.ticketBroker)
  await chain.rpc('anvil_setBalance', addresses.ticketBroker, '0xde0b6b3a7640000')
  const data = encodeFunctionData({
    abi: bondingManagerAbi,
    functionName: 'updateTranscoderWithFees',
    args: [address, fees, round],
  })
  const hash = await chain.rpc('eth_sendTransaction', {
    from: addresses.ticketBroker,
    to: addresses.bondingManager,
    data,
    gas: '0x7a120',
    gasPrice: '0x1',
  })
  const receipt = await rpc.waitForTransactionReceipt({ hash: hash as `0x${string}`, pollingInterval: 20 })
  expect(receipt.status).toBe('success')
  expect((await pools(round)).feeFactor).toBe(fee.feeFactor)
  expect((await transcoder())[8]).toBe(unclaimedFees + fee.own)

  for (const who of [delegator, address]) {
    const [bonded, booked, , , , lastClaimRound] = await delegatorOf(who)
    const bond = { bonded, fees: booked, start: await pools(lastClaimRound), end: await pools(round) }
    const own = who === address
    expect(pendingStakeOf(bond) + (own ? cumulativeRewards : 0n)).toBe(await pendingStake(chain.client, who))
    expect(pendingFeesOf(bond) + (own ? unclaimedFees + fee.own : 0n)).toBe(await pendingFees(chain.client, who))
  }
})
