import { parseEther, parseEventLogs, type TransactionReceipt } from 'viem'
import { afterEach, expect, test } from 'vitest'
import { bondingManagerAbi } from '../../ts/generated/abis.ts'
import { callData, type Flow, openNetwork, parameters, people } from './network.ts'

const { olive, otto, multisig } = people
const tenPercent = 10n ** 26n

let network: Flow
afterEach(() => network?.[Symbol.asyncDispose]())

/** What went to the treasury and what to stakers in a reward. */
function shares({ logs }: TransactionReceipt): { treasury: bigint; stakers: bigint } {
  const sum = (eventName: 'TreasuryReward' | 'Reward') =>
    parseEventLogs({ abi: bondingManagerAbi, eventName, logs }).reduce((total, { args }) => total + args.amount, 0n)
  return { treasury: sum('TreasuryReward'), stakers: sum('Reward') }
}

test('the treasury gets its cut of rewards until the ceiling is reached, and again once it is set anew', async () => {
  network = await openNetwork({
    governance: { owner: 'governor', governorOwner: multisig.address },
    parameters: { ...parameters, treasuryRewardCutRate: tenPercent, treasuryBalanceCeiling: 0n },
  })
  await network.startStaking()
  const { contracts, read, reward, nextRound, lptOf, update } = network
  const { bondingManager, treasury } = contracts
  const rate = (which: 'treasuryRewardCutRate' | 'nextRoundTreasuryRewardCutRate') =>
    read<bigint>(bondingManager, bondingManagerAbi, which)
  const set = (nonce: bigint, name: 'setTreasuryBalanceCeiling' | 'setTreasuryRewardCutRate', value: bigint) =>
    update(multisig, [[bondingManager, callData(bondingManagerAbi, name, [value])]], { nonce })

  const first = shares(await reward(olive))
  expect(first.treasury).toBeGreaterThan(0n)
  expect(first.treasury).toBe((first.treasury + first.stakers) / 10n)
  expect(await lptOf(treasury)).toBe(first.treasury)

  // One unit above what is there: the next reward still passes it, the one after it finds the treasury full.
  await set(0n, 'setTreasuryBalanceCeiling', first.treasury + 1n)
  await nextRound()
  expect(shares(await reward(olive)).treasury).toBeGreaterThan(0n)
  expect(await rate('nextRoundTreasuryRewardCutRate')).toBe(tenPercent)
  const full = shares(await reward(otto))
  expect(full.treasury).toBeGreaterThan(0n)
  expect(await rate('nextRoundTreasuryRewardCutRate')).toBe(0n)
  expect(await rate('treasuryRewardCutRate')).toBe(tenPercent)

  await nextRound()
  expect(await rate('treasuryRewardCutRate')).toBe(0n)
  const balance = await lptOf(treasury)
  expect(shares(await reward(olive)).treasury).toBe(0n)
  expect(await lptOf(treasury)).toBe(balance)

  // While the treasury is full a new cut lasts until the next reward only.
  await set(1n, 'setTreasuryRewardCutRate', tenPercent)
  await reward(otto)
  expect(await rate('nextRoundTreasuryRewardCutRate')).toBe(0n)
  await set(2n, 'setTreasuryBalanceCeiling', parseEther('750000'))
  await set(3n, 'setTreasuryRewardCutRate', tenPercent)
  await nextRound()
  expect(await rate('treasuryRewardCutRate')).toBe(tenPercent)
  expect(shares(await reward(olive)).treasury).toBeGreaterThan(0n)
})
