import {
  bondingManagerAbi,
  l1MigratorAbi,
  l2MigratorAbi,
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
import { type Layer, LPT, openPair, type TestPair } from './pair-fixture.ts'

const ETHER = 10n ** 18n
const COSTS = { maxGas: 3_000_000n, gasPrice: 1n, submissionCost: 1_000_000n }
const costs = [COSTS.maxGas, COSTS.gasPrice, COSTS.submissionCost] as const
const value = COSTS.submissionCost + COSTS.maxGas * COSTS.gasPrice
const of = (account: DevnetAccount) => devnetAddress(account) as Address

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
  await migrate('deployer', 'migrateLPT', [])
  await migrate('delegator4', 'migrateETH', [])
  expect(await chains.pair.relayer.relayOnce()).toMatchObject({ delivered: 2 })
  expect(await chains.lpt('l2', chains.l2.l2Migrator)).toBe(1_500n * LPT)
  expect(await chains.rpcs.l2.getBalance({ address: chains.l2.l2Migrator })).toBe(5n * ETHER)
  expect(await chains.escrowed()).toBe(1_500n * LPT)
})

it('a transcoder gets its stake, and that of its delegators waits in a pool', async () => {
  await migrate('orchestrator1', 'migrateDelegator', [of('orchestrator1'), of('orchestrator1'), '0x'])
  await chains.pair.relayer.relayOnce()
  expect(await stakeOf(of('orchestrator1'))).toEqual([1_000n * LPT, of('orchestrator1')])
  expect(await stakeOf(await pool())).toEqual([450n * LPT, of('orchestrator1')])
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
  await migrate('delegator4', 'migrateDelegator', [of('delegator1'), l2Addr, signature])
  await chains.pair.relayer.relayOnce()
  expect(await stakeOf(l2Addr)).toEqual([300n * LPT, of('orchestrator1')])
  expect(await stakeOf(await pool())).toEqual([150n * LPT, of('orchestrator1')])
})

it('a migration that is announced again changes nothing', async () => {
  await migrate('delegator1', 'migrateDelegator', [of('delegator1'), of('delegator1'), '0x'])
  await chains.pair.relayer.relayOnce()
  const [waiting] = await chains.pair.relayer.down.waiting()
  await expect(chains.pair.relayer.down.redeem(waiting!.number)).rejects.toMatchObject({
    code: 'reverted',
    message: expect.stringContaining('DELEGATOR_ALREADY_MIGRATED'),
  })
  expect(await stakeOf(of('delegator1'))).toEqual([0n, '0x0000000000000000000000000000000000000000'])
})

it('tokens in an unbonding lock become stake', async () => {
  await migrate('delegator2', 'migrateUnbondingLocks', [of('delegator2'), of('delegator4'), [0n], '0x'])
  await chains.pair.relayer.relayOnce()
  expect(await stakeOf(of('delegator4'))).toEqual([50n * LPT, of('orchestrator1')])
})

it('a sender gets its deposit and its reserve', async () => {
  await migrate('gateway', 'migrateSender', [of('gateway'), of('gateway'), '0x'])
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
  const migrator = { to: chains.l2.l2Migrator, abi: l2MigratorAbi }
  await chains.send('l2', 'deployer', { ...migrator, functionName: 'setClaimStakeEnabled', args: [true] })
  const claim = (from: DevnetAccount, stake: bigint, proof: Hex) =>
    chains.send('l2', from, {
      ...migrator,
      functionName: 'claimStake',
      args: [of('orchestrator1'), stake, 0n, [proof], '0x0000000000000000000000000000000000000000'],
    })
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

function migrate(from: DevnetAccount, functionName: string, args: readonly unknown[]) {
  const call = { to: chains.l1.l1Migrator, abi: l1MigratorAbi, functionName }
  return chains.send('l1', from, { ...call, args: [...args, ...costs], value })
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
  chains.rpcs.l2.readContract({
    address: chains.l2.l2Migrator,
    abi: l2MigratorAbi,
    functionName: 'delegatorPools',
    args: [of('orchestrator1')],
  })
