import { billionths, millionths, precise } from './arithmetic.ts'
import type { Handler } from './calls.ts'
import { demand } from './failure.ts'
import { setRoundLength } from './rounds.ts'
import { owner, type World } from './world.ts'

/** What only the owner of the Controller may change; each function takes one number. Specification, sections 1.3 and 3.8. */
export const settings: Record<string, Handler> = {
  'BondingManager.setUnbondingPeriod': setting((world, unbondingPeriod) => {
    world.bonding.change({ unbondingPeriod })
    world.emit('BondingManager', 'ParameterUpdate', 'unbondingPeriod')
  }),
  'BondingManager.setNumActiveTranscoders': setting((world, maxActive) => {
    demand(maxActive > world.bonding.now.maxActive, 'new max size must be greater than old max size')
    world.bonding.change({ maxActive })
    world.emit('BondingManager', 'ParameterUpdate', 'numActiveTranscoders')
  }),
  'BondingManager.setTreasuryRewardCutRate': setting((world, nextTreasuryCut) => {
    demand(precise.valid(nextTreasuryCut), '_cutRate is invalid precise percentage')
    world.bonding.change({ nextTreasuryCut })
    world.emit('BondingManager', 'ParameterUpdate', 'nextRoundTreasuryRewardCutRate')
  }),
  'BondingManager.setTreasuryBalanceCeiling': setting((world, treasuryCeiling) => {
    world.bonding.change({ treasuryCeiling })
    world.emit('BondingManager', 'ParameterUpdate', 'treasuryBalanceCeiling')
  }),
  'Minter.setTargetBondingRate': setting((world, targetBondingRate) => {
    demand(billionths.valid(targetBondingRate), '_targetBondingRate is invalid percentage')
    world.minter.change({ targetBondingRate })
    world.emit('Minter', 'ParameterUpdate', 'targetBondingRate')
  }),
  'Minter.setInflationChange': setting((world, inflationChange) => {
    demand(billionths.valid(inflationChange), '_inflationChange is invalid percentage')
    world.minter.change({ inflationChange })
    world.emit('Minter', 'ParameterUpdate', 'inflationChange')
  }),
  'RoundsManager.setRoundLength': setting(setRoundLength),
  'RoundsManager.setRoundLockAmount': setting((world, lockAmount) => {
    demand(millionths.valid(lockAmount), 'round lock amount must be a valid percentage')
    world.rounds.change({ lockAmount })
    world.emit('RoundsManager', 'ParameterUpdate', 'roundLockAmount')
  }),
  'TicketBroker.setUnlockPeriod': setting((world, unlockPeriod) => {
    world.broker.change({ unlockPeriod })
    world.emit('TicketBroker', 'ParameterUpdate', 'unlockPeriod')
  }),
  'TicketBroker.setTicketValidityPeriod': setting((world, ticketValidityPeriod) => {
    demand(ticketValidityPeriod > 0n, 'ticketValidityPeriod must be greater than 0')
    world.broker.change({ ticketValidityPeriod })
    world.emit('TicketBroker', 'ParameterUpdate', 'ticketValidityPeriod')
  }),
}

function setting(set: (world: World, value: bigint) => void): Handler {
  return (world, { sender, args }) => {
    demand(sender === owner, 'caller must be Controller owner')
    set(world, BigInt(args[0] as string))
  }
}
