import { describe, expect, it } from 'vitest'
import { MemoryChain } from './memory-chain.fixture.ts'
import { fact } from './network-facts.fixture.ts'
import { maxFloatOf, reserveAllocation, SenderMonitor } from './senderMonitor.ts'

const SENDER = '0x00000000000000000000000000000000000000a1'
const ME = '0x00000000000000000000000000000000000000ee'
const open = () => {
  const chain = new MemoryChain()
  chain.fund(SENDER, { deposit: 300n, reserve: 1000n })
  return { chain, monitor: new SenderMonitor({ claimant: ME }, { reserves: chain, clock: chain }) }
}

describe('max float', () => {
  it('is a share of the reserve less what was taken from it', () => {
    type Input = { fundsRemaining: number; claimedInCurrentRound: number; poolSize: number; claimedByMe: number }
    const { input, expected } = fact<Input, number>('reserve-alloc')
    const reserve = {
      fundsRemaining: BigInt(input.fundsRemaining),
      claimedInCurrentRound: BigInt(input.claimedInCurrentRound),
    }
    const share = { poolSize: BigInt(input.poolSize), claimedByMe: BigInt(input.claimedByMe) }
    expect(reserveAllocation(reserve, share)).toBe(BigInt(expected))
    expect(reserveAllocation(reserve, { poolSize: 0n, claimedByMe: 0n })).toBe(0n)
  })

  it('is lowered by what is being redeemed only when the deposit does not cover that three times', () => {
    expect(maxFloatOf({ allocation: 500n, deposit: 0n, pending: 0n })).toBe(500n)
    expect(maxFloatOf({ allocation: 500n, deposit: 300n, pending: 100n })).toBe(500n)
    expect(maxFloatOf({ allocation: 500n, deposit: 299n, pending: 100n })).toBe(400n)
  })

  it('follows redemptions, and is never negative', async () => {
    const { chain, monitor } = open()
    expect(await monitor.maxFloat(SENDER)).toBe(500n)
    monitor.subFloat(SENDER, 100n)
    expect(await monitor.maxFloat(SENDER)).toBe(500n)
    monitor.subFloat(SENDER, 1n)
    expect(await monitor.maxFloat(SENDER)).toBe(399n)
    expect(await monitor.availableFunds(SENDER)).toBe(699n)
    monitor.addFloat(SENDER, 101n)
    expect(monitor.pending(SENDER)).toBe(0n)
    chain.claimed.set(SENDER, 600n)
    expect(await monitor.maxFloat(SENDER)).toBe(0n)
    expect(await monitor.availableFunds(SENDER)).toBe(200n)
  })

  it('is told to those who watch it', () => {
    const { monitor } = open()
    let told = 0
    const stop = monitor.watch(SENDER, () => told++)
    monitor.subFloat(SENDER, 1n)
    monitor.changed(ME)
    monitor.changed()
    expect(told).toBe(2)
    stop()
    monitor.changed(SENDER)
    expect(told).toBe(2)
  })
})

it('a sender that may withdraw by the next round is refused', async () => {
  const { chain, monitor } = open()
  const check = (withdrawRound: bigint) => {
    chain.fund(SENDER, { withdrawRound })
    return monitor.validateSender(SENDER)
  }
  await expect(check(0n)).resolves.toBeUndefined()
  await expect(check(102n)).resolves.toBeUndefined()
  await expect(check(101n)).rejects.toMatchObject({ code: 'sender_unlocking', fatal: true })
  await expect(check(1n)).rejects.toThrow(`deposit and reserve for sender ${SENDER} is set to unlock soon`)
})
