import {
  bondingManager,
  bondingVotes,
  controller,
  livepeerToken,
  livepeerTokenFaucet,
  manager,
  minter,
  roundsManager,
  ticketBroker,
} from '@millrace/chain'
import { contractIds } from '@millrace/contracts'
import { keccak256, numberToHex, toHex, zeroAddress } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChain, type TestChain } from './chain-fixture.ts'
import { GENESIS } from './genesis/accounts.ts'
import { devnetAddress } from './genesis/addresses.ts'

const LPT = 10n ** 18n
const FIRST = devnetAddress('orchestrator1')
const SECOND = devnetAddress('orchestrator2')
const DELEGATOR = devnetAddress('delegator1')
const GATEWAY = devnetAddress('gateway')

let chain: TestChain
beforeAll(async () => {
  chain = await openChain()
})
afterAll(async () => chain?.[Symbol.asyncDispose]())

const newRound = async () => {
  await chain.mine(60)
  await roundsManager.initializeRound(chain.client, chain.sender('deployer'))
}

describe('stake through the typed client', () => {
  it('names what a delegator and an orchestrator have', async () => {
    const { client } = chain
    const delegator = await bondingManager.getDelegator(client, DELEGATOR)
    expect(delegator).toMatchObject({ bondedAmount: 60_000n * LPT, delegateAddress: FIRST, fees: 0n })
    expect(await bondingManager.delegatorStatus(client, DELEGATOR)).toBe('bonded')
    expect(await bondingManager.delegatorStatus(client, GATEWAY)).toBe('unbonded')
    expect(await bondingManager.transcoderStatus(client, FIRST)).toBe('registered')
    expect(await bondingManager.transcoderStatus(client, DELEGATOR)).toBe('not registered')
    const { rewardCut, feeShare } = GENESIS.orchestrators[0]
    expect(await bondingManager.getTranscoder(client, FIRST)).toMatchObject({ rewardCut, feeShare })
    expect(await bondingManager.transcoderTotalStake(client, FIRST)).toBe(250_000n * LPT)
    expect(await bondingManager.getFirstTranscoderInPool(client)).toBe(FIRST)
    expect(await bondingManager.getNextTranscoderInPool(client, FIRST)).toBe(SECOND)
    expect(await bondingManager.getNextTranscoderInPool(client, SECOND)).toBe(zeroAddress)
    expect(await bondingManager.currentRoundTotalActiveStake(client)).toBe(450_000n * LPT)
  })

  it('takes stake out, puts it back, moves it and pays it out', async () => {
    const { client } = chain
    const sender = chain.sender('delegator1')
    await bondingManager.unbond(client, sender, 10n * LPT)
    const period = await bondingManager.unbondingPeriod(client)
    const round = await roundsManager.currentRound(client)
    const lock = { delegator: DELEGATOR, unbondingLockId: 0n }
    expect(await bondingManager.getDelegatorUnbondingLock(client, lock)).toEqual({
      amount: 10n * LPT,
      withdrawRound: round + period,
    })
    await bondingManager.rebond(client, sender, 0n)
    expect(await bondingManager.isValidUnbondingLock(client, lock)).toBe(false)
    await bondingManager.transferBond(client, sender, {
      delegator: GATEWAY,
      amount: 5n * LPT,
      oldDelegateNewPosPrev: zeroAddress,
      oldDelegateNewPosNext: zeroAddress,
      newDelegateNewPosPrev: zeroAddress,
      newDelegateNewPosNext: zeroAddress,
    })
    expect(await bondingManager.getDelegator(client, GATEWAY)).toMatchObject({
      bondedAmount: 5n * LPT,
      delegateAddress: FIRST,
    })
    await expect(bondingManager.withdrawStake(client, sender, 0n)).rejects.toMatchObject({
      code: 'reverted',
      meta: { reason: 'invalid unbonding lock ID' },
    })
  })

  it('lets another account call the reward', async () => {
    const { client } = chain
    await newRound()
    await bondingManager.setRewardCaller(client, chain.sender('orchestrator1'), GATEWAY)
    expect(await bondingManager.transcoderToRewardCaller(client, FIRST)).toBe(GATEWAY)
    const { receipt } = await bondingManager.rewardForTranscoder(client, chain.sender('gateway'), FIRST)
    const amount = bondingManager.rewardAmount(receipt)
    expect(amount).toBeGreaterThan(0n)
    const round = await roundsManager.currentRound(client)
    const pool = await bondingManager.getTranscoderEarningsPoolForRound(client, { transcoder: FIRST, round })
    expect(pool.cumulativeRewardFactor).toBeGreaterThan(10n ** 27n)
    expect(await minter.currentMintedTokens(client)).toBeGreaterThan(amount)
    expect(await minter.currentMintedTokens(client)).toBeLessThan(await minter.currentMintableTokens(client))
    expect(await minter.getGlobalTotalSupply(client)).toBe(await livepeerToken.totalSupply(client))
  })
})

describe('votes through the typed client', () => {
  it('are the stake of an orchestrator with its delegators, and of a delegator', async () => {
    const { client } = chain
    const round = await roundsManager.currentRound(client)
    expect(await bondingVotes.clock(client)).toBe(round)
    expect(await bondingVotes.clockMode(client)).toBe('mode=livepeer_round')
    expect(await bondingVotes.delegates(client, DELEGATOR)).toBe(FIRST)
    expect(await bondingVotes.getVotes(client, FIRST)).toBe(await bondingManager.transcoderTotalStake(client, FIRST))
    expect(await bondingVotes.getVotesAndDelegateAtRoundStart(client, { account: FIRST, round })).toEqual({
      votes: await bondingVotes.getPastVotes(client, { account: FIRST, round: round - 1n }),
      delegateAddress: FIRST,
    })
    expect(await bondingVotes.totalSupply(client)).toBe(await bondingManager.nextRoundTotalActiveStake(client))
  })

  it('of the future are refused with the contract’s own error and its arguments', async () => {
    const round = await bondingVotes.clock(chain.client)
    await expect(bondingVotes.getPastVotes(chain.client, { account: FIRST, round })).rejects.toMatchObject({
      code: 'reverted',
      meta: { kind: 'custom', reason: 'FutureLookup', args: `${round}, ${round - 1n}` },
    })
  })
})

describe('tickets through the typed client', () => {
  it('are hashed, funded and redeemed in one go, where those that lose are left out', async () => {
    const { client } = chain
    const round = await roundsManager.currentRound(client)
    const blockHash = await roundsManager.blockHashForRound(client, round)
    const gateway = chain.sender('gateway')
    await ticketBroker.fundDeposit(client, gateway, 10n ** 18n)
    await ticketBroker.fundDepositAndReserveFor(client, chain.sender('delegator2'), {
      addr: GATEWAY,
      depositAmount: 3n,
      reserveAmount: 4n,
    })
    const before = await ticketBroker.getSenderInfo(client, GATEWAY)
    expect(await ticketBroker.getReserveInfo(client, GATEWAY)).toEqual(before.reserve)
    const winner = async (senderNonce: bigint, winProb: bigint) => {
      const recipientRand = 1000n + senderNonce
      const ticket = {
        recipient: SECOND,
        sender: GATEWAY,
        faceValue: 1_000n,
        winProb,
        senderNonce,
        recipientRandHash: keccak256(toHex(recipientRand, { size: 32 })),
        auxData: `${numberToHex(round, { size: 32 })}${blockHash.slice(2)}` as const,
      }
      const hash = await ticketBroker.getTicketHash(client, ticket)
      const sig = await gateway.account.signMessage!({ message: { raw: hash } })
      return { ticket, sig, recipientRand, hash }
    }
    const always = 2n ** 256n - 1n
    const winners = [await winner(1n, always), await winner(2n, 0n), await winner(3n, always)]
    const { receipt } = await ticketBroker.batchRedeemWinningTickets(client, chain.sender('redeemer1'), winners)
    expect(ticketBroker.paidByRedemption(receipt)).toBe(2_000n)
    const used = await Promise.all(winners.map(({ hash }) => ticketBroker.isUsedTicket(client, hash)))
    expect(used).toEqual([true, false, true])
    expect((await ticketBroker.getSenderInfo(client, GATEWAY)).deposit).toBe(before.deposit - 2_000n)
    const recipient = chain.sender('orchestrator2')
    const fees = await bondingManager.pendingFees(client, SECOND)
    await bondingManager.withdrawFees(client, recipient, { recipient: SECOND, amount: fees })
    expect(await bondingManager.pendingFees(client, SECOND)).toBe(0n)
  })

  it('unlock and cancel', async () => {
    const { client } = chain
    const gateway = chain.sender('gateway')
    await ticketBroker.unlock(client, gateway)
    expect(await ticketBroker.isUnlockInProgress(client, GATEWAY)).toBe(true)
    await expect(ticketBroker.withdraw(client, gateway)).rejects.toMatchObject({
      meta: { reason: 'account is locked' },
    })
    await ticketBroker.cancelUnlock(client, gateway)
    expect(await ticketBroker.isUnlockInProgress(client, GATEWAY)).toBe(false)
  })
})

describe('the token, the faucet and the Controller through the typed client', () => {
  it('give, take and allow LPT', async () => {
    const { client } = chain
    const account = devnetAddress('redeemer1')
    const holder = chain.sender('redeemer1')
    await livepeerTokenFaucet.request(client, holder)
    const given = await livepeerTokenFaucet.requestAmount(client)
    expect(await livepeerToken.balanceOf(client, account)).toBe(given)
    await livepeerToken.transfer(client, holder, { to: GATEWAY, amount: LPT })
    await livepeerToken.approve(client, holder, { spender: GATEWAY, amount: LPT })
    const pair = { owner: account, spender: GATEWAY }
    expect(await livepeerToken.allowance(client, pair)).toBe(LPT)
    await livepeerToken.transferFrom(client, chain.sender('gateway'), { from: account, to: GATEWAY, amount: LPT })
    expect(await livepeerToken.balanceOf(client, GATEWAY)).toBe(2n * LPT)
    await expect(livepeerTokenFaucet.request(client, holder)).rejects.toMatchObject({
      code: 'reverted',
      meta: { kind: 'empty' },
    })
  })

  it('say who belongs to whom', async () => {
    const { client } = chain
    expect(await controller.getContract(client, contractIds.BondingManager)).toBe(client.addresses.bondingManager)
    expect(await controller.paused(client)).toBe(false)
    for (const contract of ['bondingManager', 'minter', 'bondingVotes'] as const)
      expect(await manager.controllerOf(client, contract)).toBe(client.addresses.controller)
    expect(await manager.targetContractId(client, 'bondingManager')).toBe(contractIds.BondingManagerTarget)
    const { address, gitCommitHash } = await controller.getContractInfo(client, contractIds.Minter)
    expect([address, gitCommitHash]).toEqual([client.addresses.minter, zeroAddress])
  })

  it('pause everything for the owner, and for nobody else', async () => {
    const { client } = chain
    await expect(controller.pause(client, chain.sender('gateway'))).rejects.toMatchObject({
      code: 'reverted',
      meta: { kind: 'empty' },
    })
    await controller.pause(client, chain.sender('deployer'))
    await expect(bondingManager.claimEarnings(client, chain.sender('delegator2'), 0n)).rejects.toMatchObject({
      code: 'reverted',
      meta: { kind: 'reason', reason: 'system is paused' },
    })
    await controller.unpause(client, chain.sender('deployer'))
  })
})
