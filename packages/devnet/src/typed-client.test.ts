import {
  bondingManager,
  bondingVotes,
  controller,
  governor,
  livepeerGovernor,
  livepeerToken,
  livepeerTokenFaucet,
  manager,
  minter,
  poll,
  roundsManager,
  ticketBroker,
  treasury,
} from '@millrace/chain'
import { contractIds, livepeerTokenAbi, pollCreatorAbi } from '@millrace/contracts'
import { governorBytecode, pollCreatorBytecode } from '@millrace/contracts/bytecode'
import type { Address } from '@millrace/wire'
import {
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  keccak256,
  numberToHex,
  stringToHex,
  toHex,
  zeroAddress,
} from 'viem'
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

describe('governance through the typed client', () => {
  it('proposes, votes, queues and carries out a payment by the treasury', async () => {
    const { client } = chain
    const { livepeerToken: token, treasury: treasuryAddress } = client.addresses
    const orchestrator = chain.sender('orchestrator1')
    const receiver = devnetAddress('redeemer2')
    await newRound()
    await bondingManager.reward(client, orchestrator)
    const balance = await livepeerToken.balanceOf(client, treasuryAddress!)
    expect(balance).toBeGreaterThan(0n)

    const transfer = encodeFunctionData({ abi: livepeerTokenAbi, functionName: 'transfer', args: [receiver, balance] })
    const description = 'pay somebody'
    const calls = { targets: [token], values: [0n], calldatas: [transfer] }
    const proposal = { ...calls, descriptionHash: keccak256(stringToHex(description)) }
    const id = await livepeerGovernor.hashProposal(client, proposal)
    await livepeerGovernor.propose(client, orchestrator, { ...calls, description })
    expect(await livepeerGovernor.state(client, id)).toBe('pending')
    expect(await livepeerGovernor.proposalProposer(client, id)).toBe(FIRST)
    await expect(livepeerGovernor.castVote(client, orchestrator, { proposalId: id, support: 1 })).rejects.toMatchObject(
      {
        code: 'reverted',
        meta: { kind: 'reason', reason: 'Governor: vote not currently active' },
      },
    )

    await newRound()
    await newRound()
    await livepeerGovernor.castVote(client, orchestrator, { proposalId: id, support: 1 })
    await expect(livepeerGovernor.castVote(client, orchestrator, { proposalId: id, support: 1 })).rejects.toMatchObject(
      {
        code: 'reverted',
        meta: { kind: 'custom', reason: 'VoteAlreadyCast' },
      },
    )
    await livepeerGovernor.castVote(client, chain.sender('orchestrator2'), { proposalId: id, support: 0 })
    const votes = await livepeerGovernor.proposalVotes(client, id)
    expect(votes.forVotes).toBeGreaterThan(votes.againstVotes)
    expect(votes.againstVotes).toBeGreaterThan(0n)
    const snapshot = await livepeerGovernor.proposalSnapshot(client, id)
    const needed = await livepeerGovernor.quorum(client, snapshot)
    expect(needed).toBe(
      ((await bondingVotes.getPastTotalSupply(client, snapshot)) * (await livepeerGovernor.quorumNumerator(client))) /
        (await livepeerGovernor.quorumDenominator(client)),
    )

    const left = (await livepeerGovernor.proposalDeadline(client, id)) - (await livepeerGovernor.clock(client))
    await chain.mine(60 * (Number(left) + 1))
    expect(await livepeerGovernor.state(client, id)).toBe('succeeded')
    await livepeerGovernor.queue(client, orchestrator, proposal)
    expect(await livepeerGovernor.state(client, id)).toBe('queued')
    await chain.mine(1)
    await livepeerGovernor.execute(client, orchestrator, proposal, 0n)
    expect(await livepeerGovernor.state(client, id)).toBe('executed')
    expect(await livepeerToken.balanceOf(client, receiver)).toBe(balance)
    const role = await treasury.proposerRole(client)
    const held = await treasury.hasRole(client, { role, account: client.addresses.livepeerGovernor! })
    expect([held, await treasury.hasRole(client, { role, account: FIRST })]).toEqual([true, false])
    await roundsManager.initializeRound(client, orchestrator)
  })

  it('polls, on whatever contract makes them', async () => {
    const { client } = chain
    const orchestrator = chain.sender('orchestrator1')
    const args = [client.addresses.bondingManager] as const
    const code = encodeDeployData({ abi: pollCreatorAbi, bytecode: pollCreatorBytecode, args })
    const hash = await deploy(code, 'orchestrator1')
    const { contractAddress } = await client.rpc.waitForTransactionReceipt({ hash, pollingInterval: 20 })
    const pollCreator = contractAddress!.toLowerCase() as Address
    const terms = await poll.pollTerms(client, pollCreator)
    expect(terms).toMatchObject({ creationCost: 100n * LPT, quorum: 333_300n, quota: 500_000n })
    expect(terms.bondingManager).toBe(client.addresses.bondingManager)
    const { receipt } = await poll.createPoll(client, orchestrator, { pollCreator, proposal: '0x1234' })
    const made = poll.createdPoll(receipt)!
    expect(made.endBlock).toBe(receipt.blockNumber + terms.period)
    expect(await poll.pollEndBlock(client, made.poll)).toBe(made.endBlock)
    await poll.voteInPoll(client, orchestrator, { poll: made.poll, choice: 'no' })
    await expect(poll.destroyPoll(client, orchestrator, made.poll)).rejects.toMatchObject({
      meta: { reason: 'poll is active' },
    })
  })

  it('stages and carries out an update of the protocol', async () => {
    const { client } = chain
    const deployer = chain.sender('deployer')
    const hash = await deploy(governorBytecode, 'deployer')
    const { contractAddress } = await client.rpc.waitForTransactionReceipt({ hash, pollingInterval: 20 })
    const address = contractAddress!.toLowerCase() as Address
    expect(await governor.governorOwner(client, address)).toBe(deployer.address)
    const data = encodeFunctionData({ abi: livepeerTokenAbi, functionName: 'approve', args: [FIRST, 5n] })
    const update = { target: [client.addresses.livepeerToken], value: [0n], data: [data], nonce: 1n }
    const staged = { governor: address, update }
    const { receipt } = await governor.stageUpdate(client, deployer, { ...staged, delay: 3n })
    expect(await governor.executeBlock(client, staged)).toBe(receipt.blockNumber + 3n)
    await expect(governor.executeUpdate(client, deployer, staged)).rejects.toMatchObject({ code: 'reverted' })
    await chain.mine(3)
    await governor.executeUpdate(client, deployer, staged)
    expect(await livepeerToken.allowance(client, { owner: address, spender: FIRST })).toBe(5n)
    expect(await governor.executeBlock(client, staged)).toBe(0n)
  })
})

async function deploy(data: Hex, account: 'orchestrator1' | 'deployer'): Promise<Hex> {
  const from = devnetAddress(account)
  await chain.rpc('anvil_impersonateAccount', from)
  return (await chain.rpc('eth_sendTransaction', { from, data, gas: '0x4c4b40', gasPrice: '0x1' })) as Hex
}
