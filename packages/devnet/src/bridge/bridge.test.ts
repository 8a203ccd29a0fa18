import {
  accessControl,
  l1Escrow,
  l1LptDataCache,
  l1LptGateway,
  l2LptDataCache,
  l2LptGateway,
  livepeerToken,
  livepeerTokenL1,
  minter,
} from '@millrace/chain'
import { controllerAbi, l1LPTGatewayAbi } from '@millrace/contracts'
import { aliasOf } from '@millrace/contracts/deploy'
import type { Address } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { devnetAddress } from '../genesis/addresses.ts'
import { CHALLENGE_PERIOD, L1_EACH, L1_HOLDERS, LPT, lower, openPair, type TestPair } from './pair-fixture.ts'

const L1_SUPPLY = BigInt(L1_HOLDERS.length) * L1_EACH
const quiet = { delivered: 0, posted: 0, executed: 0 }

describe('LPT between two chains', () => {
  let chains: TestPair
  beforeAll(async () => {
    chains = await openPair()
  })
  afterAll(() => chains?.[Symbol.asyncDispose]())

  it('goes to layer 2 and back', async () => {
    const [holder, l1Token] = [devnetAddress('delegator1'), lower(chains.l1.livepeerToken)]
    const deposit = l1LptGateway.initiatedDeposit(await chains.deposit('delegator1', 100n * LPT))
    expect(deposit).toEqual({ l1Token, from: holder, to: holder, amount: 100n * LPT, sequenceNumber: 0n })
    expect(await chains.escrowed()).toBe(100n * LPT)
    expect(await chains.lpt('l2', 'delegator1')).toBe(0n)
    expect(await chains.pair.relayer.relayOnce()).toEqual({ ...quiet, delivered: 1 })
    expect(await chains.lpt('l2', 'delegator1')).toBe(100n * LPT)
    expect(await chains.supply('l2')).toBe(100n * LPT)

    const withdrawal = l2LptGateway.initiatedWithdrawal(await chains.withdraw('delegator1', 40n * LPT))
    expect(withdrawal).toEqual({ l1Token, from: holder, to: holder, amount: 40n * LPT, l2ToL1Id: 0n })
    expect(await chains.lpt('l2', 'delegator1')).toBe(60n * LPT)
    expect(await chains.pair.relayer.relayOnce()).toEqual({ ...quiet, posted: 1 })
    expect(await chains.lpt('l1', 'delegator1')).toBe(L1_EACH - 100n * LPT)
    await chains.endChallengePeriod()
    expect(await chains.pair.relayer.relayOnce()).toEqual({ ...quiet, executed: 1 })
    expect(await chains.lpt('l1', 'delegator1')).toBe(L1_EACH - 60n * LPT)
    expect(await chains.escrowed()).toBe(60n * LPT)
    expect(await chains.supply('l1')).toBe(L1_SUPPLY)
    expect(await chains.supply('l2')).toBe(60n * LPT)
  })

  it('goes through contracts that know one another', async () => {
    const { l1, l2, clients } = chains
    const [end1, end2] = [lower(l1.l1LPTGateway), lower(l2.l2LPTGateway)]
    const [l1Lpt, l2Lpt] = [lower(l1.livepeerToken), lower(l2.protocol.livepeerToken)]
    expect(await l1LptGateway.gatewayContracts(clients.l1, end1)).toMatchObject({
      inbox: lower(l1.inbox),
      l1LPTEscrow: lower(l1.l1Escrow),
      l2Counterpart: end2,
      minter: lower(l1.bridgeMinter),
      ...{ l1Lpt, l2Lpt },
    })
    const l2LPTDataCache = lower(l2.protocol.l2LPTDataCache)
    const known = await l2LptGateway.gatewayContracts(clients.l2, end2)
    expect(known).toMatchObject({ l1Counterpart: end1, l2LPTDataCache, l1Lpt, l2Lpt })
    expect(await l1LptGateway.counterpartGateway(clients.l1, end1)).toBe(end2)
    expect(await l2LptGateway.counterpartGateway(clients.l2, end2)).toBe(end1)
    for (const [client, gateway, end] of [
      [clients.l1, end1, l1LptGateway],
      [clients.l2, end2, l2LptGateway],
    ] as const) {
      expect(await end.calculateL2TokenAddress(client, { gateway, l1Token: l1Lpt })).toBe(l2Lpt)
      expect(BigInt(await end.calculateL2TokenAddress(client, { gateway, l1Token: l2Lpt }))).toBe(0n)
    }
    expect(await livepeerTokenL1.owner(clients.l1)).toBe(lower(l1.bridgeMinter))
    expect(await livepeerTokenL1.mintingFinished(clients.l1)).toBe(false)
    expect(await l2LptDataCache.l2LPTGateway(clients.l2, l2LPTDataCache)).toBe(end2)
    expect(await l1LptDataCache.l2LPTDataCacheAddr(clients.l1, lower(l1.l1LPTDataCache))).toBe(l2LPTDataCache)
  })

  it('lies in an escrow whose spenders administrators choose', async () => {
    const { l1, clients } = chains
    const [escrow, token] = [lower(l1.l1Escrow), lower(l1.livepeerToken)]
    const [spender, account] = [lower(devnetAddress('redeemer2')), lower(devnetAddress('delegator2'))]
    const grant = { contract: escrow, role: accessControl.ADMINISTRATOR, account }
    const allow = (amount: bigint) =>
      l1Escrow.approve(clients.l1, chains.sender('l1', 'delegator2'), { escrow, token, spender, amount })
    await expect(allow(1n)).rejects.toThrow(/is missing role/)
    await accessControl.grantRole(clients.l1, chains.sender('l1', 'deployer'), grant)
    expect(await accessControl.hasRole(clients.l1, grant)).toBe(true)
    await allow(1n)
    expect(await livepeerToken.allowance(clients.l1, { owner: escrow, spender })).toBe(1n)
    await allow(0n)
    await accessControl.renounceRole(clients.l1, chains.sender('l1', 'delegator2'), grant)
    expect(await accessControl.hasRole(clients.l1, grant)).toBe(false)
  })

  it('is counted on both layers when inflation is reckoned', async () => {
    await chains.tellSupply()
    await chains.pair.relayer.relayOnce()
    expect(await chains.cache()).toEqual({
      l1TotalSupply: L1_SUPPLY,
      l2SupplyFromL1: 60n * LPT,
      l1CirculatingSupply: L1_SUPPLY - 60n * LPT,
    })
    expect(await minter.getGlobalTotalSupply(chains.clients.l2)).toBe(L1_SUPPLY)
    const told = await l1LptDataCache.getCacheTotalSupplyData(chains.clients.l1, lower(chains.l1.l1LPTDataCache))
    expect(told.totalSupply).toBe(L1_SUPPLY)
  })

  it('is minted on layer 1 where the escrow has too little, e.g. for rewards of layer 2', async () => {
    await chains.mintOnLayer2('orchestrator2', 500n * LPT)
    await chains.withdraw('orchestrator2', 500n * LPT)
    await chains.pair.relayer.relayOnce()
    await chains.endChallengePeriod()
    await chains.pair.relayer.relayOnce()
    expect(await chains.escrowed()).toBe(0n)
    expect(await chains.lpt('l1', 'orchestrator2')).toBe(L1_EACH + 500n * LPT)
    expect(await chains.supply('l1')).toBe(L1_SUPPLY + 440n * LPT)
  })

  it('is stopped by a pause of a gateway, while what is under way arrives', async () => {
    const ends = [
      ['l1', l1LptGateway, lower(chains.l1.l1LPTGateway)],
      ['l2', l2LptGateway, lower(chains.l2.l2LPTGateway)],
    ] as const
    const pause = async (on: boolean) => {
      for (const [layer, { pause, unpause, paused }, gateway] of ends) {
        const sender = chains.sender(layer, 'deployer')
        await (on ? pause : unpause)(chains.clients[layer], sender, gateway)
        expect(await paused(chains.clients[layer], gateway)).toBe(on)
      }
    }
    await chains.deposit('delegator1', LPT)
    const before = await chains.lpt('l2', 'delegator1')
    await pause(true)
    await expect(chains.deposit('delegator1', LPT)).rejects.toThrow(/Pausable: paused/)
    await expect(chains.withdraw('delegator1', LPT)).rejects.toThrow(/Pausable: paused/)
    await chains.pair.relayer.relayOnce()
    expect(await chains.lpt('l2', 'delegator1')).toBe(before + LPT)
    await pause(false)
  })
})

describe('a message that fails', () => {
  let chains: TestPair
  beforeAll(async () => {
    chains = await openPair()
  })
  afterAll(() => chains?.[Symbol.asyncDispose]())

  it('on layer 2 for want of gas is kept, and anybody may redeem it later', async () => {
    await chains.deposit('delegator1', 7n * LPT, { maxGas: 30_000n })
    expect(await chains.pair.relayer.relayOnce()).toEqual({ ...quiet, delivered: 1 })
    expect(await chains.lpt('l2', 'delegator1')).toBe(0n)
    expect(await chains.escrowed()).toBe(7n * LPT)
    const [waiting, ...others] = await chains.pair.relayer.down.waiting()
    expect(others).toEqual([])
    expect(waiting).toMatchObject({ number: 0n })
    await chains.redeemAs('delegator2', waiting!.ticketId)
    expect(await chains.lpt('l2', 'delegator1')).toBe(7n * LPT)
    expect(await chains.pair.relayer.down.waiting()).toEqual([])
    await expect(chains.pair.relayer.down.redeem(0n)).rejects.toMatchObject({ code: 'message_unknown' })
  })

  it('on layer 2 because its target refuses is kept, and goes through once the target takes it', async () => {
    const mayMint = (yes: boolean) => chains.setMinter(chains.l2.l2LPTGateway, yes)
    await mayMint(false)
    await chains.deposit('delegator2', 5n * LPT)
    await chains.pair.relayer.relayOnce()
    const [waiting] = await chains.pair.relayer.down.waiting()
    await expect(chains.pair.relayer.down.redeem(waiting!.number)).rejects.toMatchObject({
      code: 'reverted',
      message: expect.stringContaining('is missing role'),
    })
    await mayMint(true)
    await chains.pair.relayer.down.redeem(waiting!.number)
    expect(await chains.lpt('l2', 'delegator2')).toBe(5n * LPT)
  })

  it('does not hold up those behind it', async () => {
    const supply = await chains.supply('l2')
    await chains.deposit('delegator1', LPT, { maxGas: 1n })
    await chains.deposit('delegator1', 2n * LPT, { maxGas: 0n })
    await chains.deposit('delegator1', 3n * LPT)
    expect(await chains.pair.relayer.relayOnce()).toEqual({ ...quiet, delivered: 3 })
    expect(await chains.supply('l2')).toBe(supply + 3n * LPT)
    for (const { number } of await chains.pair.relayer.down.waiting()) await chains.pair.relayer.down.redeem(number)
    expect(await chains.supply('l2')).toBe(supply + 6n * LPT)
  })

  it('with ETH can be taken back on layer 2 by its beneficiary', async () => {
    const before = await chains.rpcs.l2.getBalance({ address: devnetAddress('redeemer2') as Address })
    // A call that no contract there takes.
    await chains.message('delegator1', chains.l2.l2LPTGateway, '0x12345678', { value: 9n, beneficiary: 'redeemer2' })
    await chains.pair.relayer.relayOnce()
    const [waiting] = await chains.pair.relayer.down.waiting()
    await chains.cancelAs('redeemer2', waiting!.ticketId)
    expect(await chains.pair.relayer.down.waiting()).toEqual([])
    const after = await chains.rpcs.l2.getBalance({ address: devnetAddress('redeemer2') as Address })
    // Less the gas of the cancelling, at 1 wei each.
    expect(after - before).toBeLessThan(9n)
    expect(after - before).toBeGreaterThan(9n - 200_000n)
  })

  it('comes from the alias of its sender', async () => {
    const receiver = devnetAddress('redeemer2') as Address
    const before = await chains.rpcs.l2.getBalance({ address: receiver })
    await chains.message('delegator1', receiver, '0x', { value: 5n })
    await chains.pair.relayer.relayOnce()
    expect(await chains.rpcs.l2.getBalance({ address: receiver })).toBe(before + 5n)
    const alias = aliasOf(devnetAddress('delegator1') as Address)
    expect(await chains.rpcs.l2.getCode({ address: alias })).toMatch(/^0x.+/)
  })

  it('on layer 1 is kept, tried again, and goes through once its target takes it', async () => {
    const counterpart = (l2Counterpart: Address) =>
      chains.send('l1', 'deployer', {
        to: chains.l1.l1LPTGateway,
        abi: l1LPTGatewayAbi,
        functionName: 'setCounterpart',
        args: [l2Counterpart],
      })
    const before = await chains.lpt('l1', 'delegator1')
    await chains.withdraw('delegator1', LPT)
    await chains.pair.relayer.relayOnce()
    await counterpart(devnetAddress('redeemer2') as Address)
    await chains.endChallengePeriod()
    expect(await chains.pair.relayer.relayOnce()).toEqual(quiet)
    await expect(chains.pair.relayer.up.execute(0n)).rejects.toMatchObject({
      code: 'reverted',
      message: expect.stringContaining('ONLY_COUNTERPART_GATEWAY'),
    })
    await counterpart(chains.l2.l2LPTGateway)
    expect(await chains.lpt('l1', 'delegator1')).toBe(before)
    expect(await chains.freshRelayer().relayOnce()).toEqual({ ...quiet, executed: 1 })
    expect(await chains.lpt('l1', 'delegator1')).toBe(before + LPT)
  })
})

describe('the relayer', () => {
  let chains: TestPair
  beforeAll(async () => {
    chains = await openPair()
  })
  afterAll(() => chains?.[Symbol.asyncDispose]())

  it('goes on where it was killed, and carries nothing over twice', async () => {
    for (const amount of [1n, 2n, 3n]) await chains.deposit('delegator1', amount * LPT)
    const stop = new AbortController()
    const killed = chains.freshRelayer()
    const passing = killed.relayOnce({ signal: stop.signal })
    await chains.untilDelivered(1n)
    stop.abort(new Error('killed'))
    await passing.catch(() => {})
    const rest = await chains.freshRelayer().relayOnce()
    expect(rest.delivered).toBeLessThan(3)
    expect(await chains.lpt('l2', 'delegator1')).toBe(6n * LPT)
    expect(await chains.freshRelayer().relayOnce()).toEqual(quiet)
    expect(await killed.relayOnce()).toEqual(quiet)

    for (const amount of [1n, 2n]) await chains.withdraw('delegator1', amount * LPT)
    expect(await chains.freshRelayer().relayOnce()).toEqual({ ...quiet, posted: 2 })
    expect(await chains.freshRelayer().relayOnce()).toEqual(quiet)
    await chains.endChallengePeriod()
    await chains.freshRelayer().up.execute(1n)
    await expect(chains.freshRelayer().up.execute(1n)).rejects.toMatchObject({ code: 'reverted' })
    expect(await chains.freshRelayer().relayOnce()).toEqual({ ...quiet, executed: 1 })
    expect(await chains.lpt('l1', 'delegator1')).toBe(L1_EACH - 3n * LPT)
    expect(await chains.freshRelayer().relayOnce()).toEqual(quiet)
  })

  it('shares the work with another one without doing anything twice', async () => {
    const before = await chains.lpt('l2', 'delegator2')
    for (let i = 0; i < 4; i++) await chains.deposit('delegator2', LPT)
    await Promise.allSettled([chains.freshRelayer().relayOnce(), chains.freshRelayer().relayOnce()])
    await chains.freshRelayer().relayOnce()
    expect(await chains.lpt('l2', 'delegator2')).toBe(before + 4n * LPT)
  })

  it('relays by itself once started, until stopped', async () => {
    const relayer = chains.freshRelayer()
    await relayer.start()
    const before = await chains.lpt('l2', 'orchestrator1')
    await chains.deposit('orchestrator1', LPT)
    await chains.untilDelivered(8n)
    expect(await chains.lpt('l2', 'orchestrator1')).toBe(before + LPT)
    await relayer.stop()
    await chains.deposit('orchestrator1', LPT)
    expect(await chains.lpt('l2', 'orchestrator1')).toBe(before + LPT)
    await chains.freshRelayer().relayOnce()
  })

  it('needs the key that the chains know', async () => {
    await expect(chains.freshRelayer('redeemer2').start()).rejects.toMatchObject({ code: 'not_relayer' })
  })

  it('waits until a message has the confirmations that were asked for', async () => {
    await chains.deposit('delegator2', LPT)
    const careful = chains.freshRelayer(undefined, { confirmations: 2n })
    expect(await careful.relayOnce()).toEqual(quiet)
    await chains.ask('l1', 'anvil_mine', '0x2')
    expect(await careful.relayOnce()).toEqual({ ...quiet, delivered: 1 })
  })

  it('carries nothing more over when layer 1 has lost messages', async () => {
    const state = await chains.ask('l1', 'evm_snapshot')
    await chains.deposit('delegator2', LPT)
    await chains.freshRelayer().relayOnce()
    await chains.ask('l1', 'evm_revert', state)
    await expect(chains.freshRelayer().relayOnce()).rejects.toMatchObject({ code: 'chains_diverged', retryable: false })
    // As many messages as before, but other ones.
    await chains.deposit('delegator2', 2n * LPT)
    await expect(chains.freshRelayer().start()).rejects.toMatchObject({ code: 'chains_diverged' })
  })
})

it('a pair is found again after a restart, with the relayer at work', async () => {
  await using chains = await openPair({ relaying: true })
  await chains.deposit('delegator1', LPT)
  await chains.untilDelivered(1n)
  await chains.withdraw('delegator1', LPT / 2n)
  await using again = await chains.restart()
  expect(again.pair.addresses).toEqual(chains.pair.addresses)
  expect(await again.lpt('l2', 'delegator1')).toBe(LPT / 2n)
  await again.untilPosted(1n)
  await again.ask('l1', 'evm_increaseTime', Number(CHALLENGE_PERIOD))
  await again.until(async () => (await again.lpt('l1', 'delegator1')) === L1_EACH - LPT / 2n)
  const paused = { address: again.l1.protocol.controller, abi: controllerAbi, functionName: 'paused' } as const
  expect(await again.rpcs.l1.readContract(paused)).toBe(false)
}, 60_000)
