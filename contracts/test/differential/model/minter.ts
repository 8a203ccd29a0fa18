import { add, billionths, sub } from './arithmetic.ts'
import { demand } from './failure.ts'
import { type Account, nobody, type World } from './world.ts'

// Issuance, and custody of all stake and all ether. Specification, section 2.

/** Decides how much can be minted in the round that begins. */
export function setCurrentRewardTokens(world: World): void {
  const { supply, inflation, inflationChange, targetBondingRate } = world.minter.now
  const bonded = world.bonding.now.currentActiveStake
  const rate = supply > 0n ? billionths.part(bonded, supply) : 0n
  let next = inflation
  if (rate < targetBondingRate) next = inflation + inflationChange
  if (rate > targetBondingRate) next = inflation > inflationChange ? inflation - inflationChange : 0n
  world.minter.change({ inflation: next, mintable: billionths.of(supply, next), minted: 0n })
  world.emit('Minter', 'SetCurrentRewardTokens', world.minter.now.mintable, next)
}

/** Mints a fraction of what the round allows and keeps it in custody. */
export function createReward(world: World, numerator: bigint, denominator: bigint): bigint {
  const { mintable, minted, supply } = world.minter.now
  const amount = billionths.ofFraction(mintable, numerator, denominator)
  demand(minted + amount <= mintable, 'minted tokens cannot exceed mintable tokens')
  world.minter.change({ minted: minted + amount, supply: supply + amount })
  world.lpt.set('Minter', world.lpt.get('Minter') + amount)
  world.emit('LivepeerToken', 'Transfer', nobody, 'Minter', amount)
  world.emit('LivepeerToken', 'Mint', 'Minter', amount)
  return amount
}

/** Moves LPT from one account to another. */
export function transferLpt(world: World, from: Account, to: Account, amount: bigint): void {
  demand(to !== nobody, 'ERC20: transfer to the zero address')
  demand(world.lpt.get(from) >= amount, 'ERC20: transfer amount exceeds balance')
  world.lpt.set(from, world.lpt.get(from) - amount)
  world.lpt.set(to, world.lpt.get(to) + amount)
  world.emit('LivepeerToken', 'Transfer', from, to, amount)
}

/** Takes stake into custody. */
export function takeStake(world: World, from: Account, amount: bigint): void {
  demand(world.allowance.get(from) >= amount, 'ERC20: insufficient allowance')
  transferLpt(world, from, 'Minter', amount)
}

/** Gives stake or a reward out of custody. */
export const giveLpt = (world: World, to: Account, amount: bigint): void => transferLpt(world, 'Minter', to, amount)

/** Takes ether that came with a call into custody. */
export function takeEther(world: World, from: Account, amount: bigint): void {
  world.ether.set(from, sub(world.ether.get(from), amount))
  world.ether.set('Minter', add(world.ether.get('Minter'), amount))
}

/** Gives ether out of custody. */
export function giveEther(world: World, to: Account, amount: bigint): void {
  world.ether.set('Minter', sub(world.ether.get('Minter'), amount))
  world.ether.set(to, add(world.ether.get(to), amount))
}
