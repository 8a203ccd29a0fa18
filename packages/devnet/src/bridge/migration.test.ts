import { bridgeMinter, delegatorPool, manager, l1Migrator as migrator1, l2Migrator as migrator2 } from '@millrace/chain'
import {
  bondingManagerAbi,
  contractId,
  livepeerTokenL1Abi,
  merkleSnapshotAbi,
  roundsManagerAbi,
  ticketBrokerAbi,
} from '@millrace/contracts'
import { devnet, startMigration } from '@millrace/contracts/deploy'
import { type Address, concat, createWalletClient, encodePacked, type Hex, http, keccak256, stringToHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type DevnetAccount, devnetKeyHex } from '../genesis/accounts.ts'
import { devnetAddress } from '../genesis/addresses.ts'
import { type Layer, LPT, lower, openPair, type TestPair } from './pair-fixture.ts'

const ETHER = 10n ** 18n
const cost = { maxGas: 3_000_000n, gasPriceBid: 1n, maxSubmissionCost: 1_000_000n }
const of = (account: DevnetAccount) => lower(devnetAddress(account))

let chains: TestPair
beforeAll(async () => {
  chains = await openPair()
  await beginRound('l1')
  await beginRound('l2')
  await bondOnLayer1('orchestrator1', 1_000n * LPT, 'orchestrator1')
  await bondOnLayer1('delegator1', 300n * LPT, 'orchestrator1')
  await bondOnLayer1('delegator2', 200n * LPT, 'orchestrator1')
  await beginRound('l1')
  await chains.send('l1', 'delegator2', {
    to: chains.l1.protocol.bondingManager,
    abi: bondingManagerAbi,
    functionName: 'unbond',
    args: [50n * LPT],
  })
  await chains.send('l1', 'gateway', {
    to: chains.l1.protocol.ticketBroker,
    abi: ticketBrokerAbi,
    functionName: 'fundDepositAndReserve',
    args: [3n * ETHER, 2n * ETHER],
    value: 5n * ETHER,
  })
})
afterAll(() => chains?.[Symbol.asyncDispose]())

it('the funds of layer 1 move to the L2Migrator', async () => {
  const account = privateKeyToAccount(devnetKeyHex('deployer'))
  const walletClient = createWalletClient({ transport: http(chains.pair.l1.url), account })
  await startMigration({ publicClient: chains.rpcs.l1, walletClient, gasPrice: 1n }, chains.l1)
  expect(await chains.lpt('l1', chains.l1.bridgeMinter)).toBe(1_500n * LPT)
  const [client, l1Migrator] = [chains.clients.l1, lower(chains.l1.l1Migrator)]
  await migrator1.migrateLPT(client, chains.sender('l1', 'deployer'), { l1Migrator, cost })
  await migrator1.migrateETH(client, chains.sender('l1', 'delegator4'), { l1Migrator, cost })
  expect(await chains.pair.relayer.relayOnce()).toMatchObject({ delivered: 2 })
  expect(await chains.lpt('l2', chains.l2.l2Migrator)).toBe(1_500n * LPT)
  expect(await chains.rpcs.l2.getBalance({ address: chains.l2.l2Migrator })).toBe(5n * ETHER)
  expect(await chains.escrowed()).toBe(1_500n * LPT)
})

it('both layers know whom they deal with', async () => {
  const { l1, l2, clients } = chains
  const [ours, theirs] = [lower(l1.l1Migrator), lower(l2.l2Migrator)]
  expect(await migrator1.l1MigratorContracts(clients.l1, ours)).toEqual({
    inbox: lower(l1.inbox),
    bondingManager: lower(l1.protocol.bondingManager),
    ticketBroker: lower(l1.protocol.ticketBroker),
    token: lower(l1.livepeerToken),
    l1LPTGateway: lower(l1.l1LPTGateway),
    bridgeMinter: lower(l1.bridgeMinter),
    l2Migrator: theirs,
  })
  expect(await migrator2.l2MigratorContracts(clients.l2, theirs)).toEqual({
    controller: lower(l2.protocol.controller),
    bondingManager: lower(l2.protocol.bondingManager),
    ticketBroker: lower(l2.protocol.ticketBroker),
    merkleSnapshot: lower(l2.protocol.merkleSnapshot),
    token: lower(l2.protocol.livepeerToken),
    l1Migrator: ours,
    delegatorPoolImpl: lower(l2.delegatorPool),
  })
  expect(await manager.targetContractId(clients.l2, theirs)).toBe(contractId('L2MigratorTarget'))
  expect(await bridgeMinter.bridgeMinterContracts(clients.l1, lower(l1.bridgeMinter))).toEqual({
    controller: lower(l1.protocol.controller),
    l1LPTGateway: lower(l1.l1LPTGateway),
    l1Migrator: ours,
  })
  expect(await manager.controllerOf(clients.l1, lower(l1.bridgeMinter))).toBe(lower(l1.protocol.controller))
})

it('a transcoder gets its stake, and that of its delegators waits in a pool', async () => {
  const move = moveOf('orchestrator1')
  const { params } = await migrator1.getMigrateDelegatorParams(chains.clients.l1, move)
  const [l1Addr, l2Addr, delegate] = [of('orchestrator1'), of('orchestrator1'), of('orchestrator1')]
  const stakes = { stake: 1_000n * LPT, delegatedStake: 1_450n * LPT, fees: 0n }
  expect(params).toEqual({ l1Addr, l2Addr, ...stakes, delegate })
  await migrator1.migrateDelegator(chains.clients.l1, chains.sender('l1', 'orchestrator1'), move)
  await chains.pair.relayer.relayOnce()
  expect(await stakeOf(of('orchestrator1'))).toEqual([1_000n * LPT, of('orchestrator1')])
  expect(await stakeOf(await pool())).toEqual([450n * LPT, of('orchestrator1')])
  expect(await delegatorPool.readDelegatorPool(chains.clients.l2, await pool())).toEqual({
    initialStake: 450n * LPT,
    claimedInitialStake: 0n,
    bondingManager: lower(chains.l2.protocol.bondingManager),
    migrator: lower(chains.l2.l2Migrator),
  })
})

it('a delegator gets its stake out of the pool, sent by somebody with its signature', async () => {
  await beginRound('l2')
  const l2Addr = of('delegator3')
  const signature = await privateKeyToAccount(devnetKeyHex('delegator1')).signTypedData({
    domain: {
      name: 'Livepeer L1Migrator',
      version: '1',
      chainId: await chains.rpcs.l1.getChainId(),
      verifyingContract: chains.l1.l1Migrator,
    },
    types: {
      MigrateDelegator: [
        { name: 'l1Addr', type: 'address' },
        { name: 'l2Addr', type: 'address' },
      ],
    },
    primaryType: 'MigrateDelegator',
    message: { l1Addr: of('delegator1'), l2Addr },
  })
  const move = { ...moveOf('delegator1', l2Addr), signature }
  await migrator1.migrateDelegator(chains.clients.l1, chains.sender('l1', 'delegator4'), move)
  await chains.pair.relayer.relayOnce()
  expect(await stakeOf(l2Addr)).toEqual([300n * LPT, of('orchestrator1')])
  expect(await stakeOf(await pool())).toEqual([150n * LPT, of('orchestrator1')])
  const { claimedInitialStake } = await delegatorPool.readDelegatorPool(chains.clients.l2, await pool())
  expect(claimedInitialStake).toBe(300n * LPT)
  const [l2Migrator, l1Addr] = [lower(chains.l2.l2Migrator), of('delegator1')]
  expect(await migrator2.migratedDelegators(chains.clients.l2, { l2Migrator, l1Addr })).toBe(true)
  expect(await migrator2.migratedDelegators(chains.clients.l2, { l2Migrator, l1Addr: of('delegator2') })).toBe(false)
})

it('a migration that is announced again changes nothing', async () => {
  await migrator1.migrateDelegator(chains.clients.l1, chains.sender('l1', 'delegator1'), moveOf('delegator1'))
  await chains.pair.relayer.relayOnce()
  const [waiting] = await chains.pair.relayer.down.waiting()
  await expect(chains.pair.relayer.down.redeem(waiting!.number)).rejects.toMatchObject({
    code: 'reverted',
    message: expect.stringContaining('DELEGATOR_ALREADY_MIGRATED'),
  })
  expect(await stakeOf(of('delegator1'))).toEqual([0n, '0x0000000000000000000000000000000000000000'])
})

it('tokens in an unbonding lock become stake', async () => {
  const move = { ...moveOf('delegator2', of('delegator4')), unbondingLockIds: [0n] }
  const { params } = await migrator1.getMigrateUnbondingLocksParams(chains.clients.l1, move)
  expect(params).toMatchObject({ total: 50n * LPT, unbondingLockIds: [0n], delegate: of('orchestrator1') })
  await migrator1.migrateUnbondingLocks(chains.clients.l1, chains.sender('l1', 'delegator2'), move)
  await chains.pair.relayer.relayOnce()
  expect(await stakeOf(of('delegator4'))).toEqual([50n * LPT, of('orchestrator1')])
  const [l2Migrator, l1Addr] = [lower(chains.l2.l2Migrator), of('delegator2')]
  const lock = { l2Migrator, l1Addr, unbondingLockId: 0n }
  expect(await migrator2.migratedUnbondingLocks(chains.clients.l2, lock)).toBe(true)
  expect(await migrator2.migratedUnbondingLocks(chains.clients.l2, { ...lock, unbondingLockId: 1n })).toBe(false)
})

it('a sender gets its deposit and its reserve', async () => {
  const { params } = await migrator1.getMigrateSenderParams(chains.clients.l1, moveOf('gateway'))
  expect(params).toMatchObject({ deposit: 3n * ETHER, reserve: 2n * ETHER })
  await migrator1.migrateSender(chains.clients.l1, chains.sender('l1', 'gateway'), moveOf('gateway'))
  await chains.pair.relayer.relayOnce()
  const [sender, reserve] = await chains.rpcs.l2.readContract({
    address: chains.l2.protocol.ticketBroker,
    abi: ticketBrokerAbi,
    functionName: 'getSenderInfo',
    args: [of('gateway')],
  })
  expect([sender.deposit, reserve.fundsRemaining]).toEqual([3n * ETHER, 2n * ETHER])
})

it('a delegator claims its stake with a proof instead', async () => {
  const leaf = (who: Address, stake: bigint) =>
    keccak256(encodePacked(['address', 'address', 'uint256', 'uint256'], [who, of('orchestrator1'), stake, 0n]))
  const [mine, other] = [leaf(of('delegator2'), 150n * LPT), leaf(of('delegator1'), 300n * LPT)]
  const root = keccak256(concat(mine < other ? [mine, other] : [other, mine]))
  const set = { to: chains.l2.protocol.merkleSnapshot, abi: merkleSnapshotAbi, functionName: 'setSnapshot' }
  await chains.send('l2', 'deployer', { ...set, args: [keccak256(stringToHex('LIP-73')), root] })
  const [client, l2Migrator] = [chains.clients.l2, lower(chains.l2.l2Migrator)]
  const enabling = { l2Migrator, enabled: true }
  await expect(migrator2.setClaimStakeEnabled(client, chains.sender('l2', 'delegator2'), enabling)).rejects.toThrow(
    /caller must be Controller owner/,
  )
  await migrator2.setClaimStakeEnabled(client, chains.sender('l2', 'deployer'), enabling)
  expect(await migrator2.claimStakeEnabled(client, l2Migrator)).toBe(true)
  const claim = (from: DevnetAccount, stake: bigint, proof: Hex) => {
    const claimed = { l2Migrator, delegate: of('orchestrator1'), stake, fees: 0n, proof: [proof] }
    return migrator2.claimStake(client, chains.sender('l2', from), claimed)
  }
  await expect(claim('delegator2', 151n * LPT, other)).rejects.toThrow(/CLAIM_STAKE:INVALID_PROOF/)
  await expect(claim('delegator1', 300n * LPT, mine)).rejects.toThrow(/CLAIM_STAKE:ALREADY_MIGRATED/)
  await claim('delegator2', 150n * LPT, other)
  expect(await stakeOf(of('delegator2'))).toEqual([150n * LPT, of('orchestrator1')])
})

it('in the end everything has been given and nothing is left', async () => {
  expect(await chains.lpt('l2', chains.l2.l2Migrator)).toBe(0n)
  expect(await chains.lpt('l2', chains.l2.protocol.minter)).toBe(1_500n * LPT)
  expect((await stakeOf(await pool()))[0]).toBe(0n)
  expect(await chains.rpcs.l2.getBalance({ address: chains.l2.l2Migrator })).toBe(0n)
  expect(await chains.rpcs.l2.getBalance({ address: chains.l2.protocol.minter })).toBe(5n * ETHER)
  expect(await chains.supply('l2')).toBe(await chains.escrowed())
})

async function beginRound(layer: Layer): Promise<void> {
  const number = await chains.rpcs[layer].getBlockNumber()
  await chains.ask(layer, 'anvil_mine', `0x${(devnet.roundLength - (number % devnet.roundLength)).toString(16)}`)
  const { roundsManager } = chains[layer].protocol
  await chains.send(layer, 'deployer', { to: roundsManager, abi: roundsManagerAbi, functionName: 'initializeRound' })
}

async function bondOnLayer1(who: DevnetAccount, amount: bigint, to: DevnetAccount): Promise<void> {
  const { livepeerToken, protocol } = chains.l1
  const args = [protocol.bondingManager, amount]
  await chains.send('l1', who, { to: livepeerToken, abi: livepeerTokenL1Abi, functionName: 'approve', args })
  const bond = { to: protocol.bondingManager, abi: bondingManagerAbi, functionName: 'bond' }
  await chains.send('l1', who, { ...bond, args: [amount, of(to)] })
}

function moveOf(who: DevnetAccount, l2Addr = of(who)) {
  return { l1Migrator: lower(chains.l1.l1Migrator), l1Addr: of(who), l2Addr, cost }
}

async function stakeOf(who: Address): Promise<[bigint, string]> {
  const [amount, , delegate] = await chains.rpcs.l2.readContract({
    address: chains.l2.protocol.bondingManager,
    abi: bondingManagerAbi,
    functionName: 'getDelegator',
    args: [who],
  })
  return [amount, delegate.toLowerCase()]
}

const pool = () =>
  migrator2.delegatorPools(chains.clients.l2, {
    l2Migrator: lower(chains.l2.l2Migrator),
    l1Addr: of('orchestrator1'),
  })
