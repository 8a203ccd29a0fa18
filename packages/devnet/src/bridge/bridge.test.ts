import { minterAbi } from '@millrace/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { L1_EACH, L1_HOLDERS, LPT, openPair, type TestPair } from './pair-fixture.ts'

const L1_SUPPLY = BigInt(L1_HOLDERS.length) * L1_EACH

describe('LPT between two chains', () => {
  let chains: TestPair
  beforeAll(async () => {
    chains = await openPair()
  })
  afterAll(() => chains?.[Symbol.asyncDispose]())

  it('goes to layer 2 and back', async () => {
    await chains.deposit('delegator1', 100n * LPT)
    expect(await chains.escrowed()).toBe(100n * LPT)
    expect(await chains.lpt('l2', 'delegator1')).toBe(0n)
    expect(await chains.pair.relayer.relayOnce()).toEqual({ delivered: 1, posted: 0, executed: 0 })
    expect(await chains.lpt('l2', 'delegator1')).toBe(100n * LPT)
    expect(await chains.supply('l2')).toBe(100n * LPT)

    await chains.withdraw('delegator1', 40n * LPT)
    expect(await chains.lpt('l2', 'delegator1')).toBe(60n * LPT)
    expect(await chains.pair.relayer.relayOnce()).toEqual({ delivered: 0, posted: 1, executed: 0 })
    expect(await chains.lpt('l1', 'delegator1')).toBe(L1_EACH - 100n * LPT)
    await chains.endChallengePeriod()
    expect(await chains.pair.relayer.relayOnce()).toEqual({ delivered: 0, posted: 0, executed: 1 })
    expect(await chains.lpt('l1', 'delegator1')).toBe(L1_EACH - 60n * LPT)
    expect(await chains.escrowed()).toBe(60n * LPT)
    expect(await chains.supply('l1')).toBe(L1_SUPPLY)
    expect(await chains.supply('l2')).toBe(60n * LPT)
  })

  it('is counted on both layers when inflation is reckoned', async () => {
    await chains.tellSupply()
    await chains.pair.relayer.relayOnce()
    expect(await chains.cache()).toEqual({
      l1TotalSupply: L1_SUPPLY,
      l2SupplyFromL1: 60n * LPT,
      l1CirculatingSupply: L1_SUPPLY - 60n * LPT,
    })
    const supply = await chains.rpcs.l2.readContract({
      address: chains.l2.protocol.minter,
      abi: minterAbi,
      functionName: 'getGlobalTotalSupply',
    })
    expect(supply).toBe(L1_SUPPLY)
  })
})
