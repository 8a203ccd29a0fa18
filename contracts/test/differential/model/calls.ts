import type { Hex } from 'viem'
import type { Recorded } from '../../../ts/testing/recording.ts'
import * as bonding from './bonding.ts'
import { demand, demandSilently, failWith } from './failure.ts'
import { transferLpt } from './minter.ts'
import type { Hint } from './pool.ts'
import { demandRunning, initializeRound } from './rounds.ts'
import { settings } from './settings.ts'
import * as tickets from './tickets.ts'
import { checkpoint } from './votes.ts'
import { type Account, owner, type World } from './world.ts'

/** What a transaction brings along. */
export type Message = { sender: Account; value: bigint; args: readonly Recorded[] }

/** What a function of a contract does to the world. */
export type Handler = (world: World, message: Message) => void

const number = (value: Recorded | undefined) => BigInt(value as string)
const name = (value: Recorded | undefined) => value as Account
const hintAt = (args: readonly Recorded[], at: number): Hint =>
  args[at] === undefined ? ['ZERO', 'ZERO'] : [name(args[at]), name(args[at + 1])]

const bond: Handler = (world, { sender, args }) =>
  bonding.bond(world, {
    sender,
    amount: number(args[0]),
    owner: sender,
    to: name(args[1]),
    oldHint: hintAt(args, 2),
    newHint: hintAt(args, 4),
  })
const unbond: Handler = (world, { sender, args }) => bonding.unbond(world, sender, number(args[0]), hintAt(args, 1))
const rebond: Handler = (world, { sender, args }) => bonding.rebond(world, sender, number(args[0]), hintAt(args, 1))
const rebondFromUnbonded: Handler = (world, { sender, args }) =>
  bonding.rebondFromUnbonded(world, sender, name(args[0]), number(args[1]), hintAt(args, 2))
const reward: Handler = (world, { sender, args }) => bonding.callReward(world, sender, hintAt(args, 0))
const rewardFor: Handler = (world, { sender, args }) =>
  bonding.callRewardFor(world, sender, name(args[0]), hintAt(args, 1))
const setTerms: Handler = (world, { sender, args }) =>
  bonding.setTerms(world, {
    account: sender,
    rewardCut: number(args[0]),
    feeShare: number(args[1]),
    hint: hintAt(args, 2),
  })

const stake: Record<string, Handler> = {
  bond,
  bondWithHint: bond,
  bondForWithHint: (world, { sender, args }) =>
    bonding.bond(world, {
      sender,
      amount: number(args[0]),
      owner: name(args[1]),
      to: name(args[2]),
      oldHint: hintAt(args, 3),
      newHint: hintAt(args, 5),
    }),
  unbond,
  unbondWithHint: unbond,
  rebond,
  rebondWithHint: rebond,
  rebondFromUnbonded,
  rebondFromUnbondedWithHint: rebondFromUnbonded,
  transferBond: (world, { sender, args }) =>
    bonding.transferBond(world, {
      sender,
      to: name(args[0]),
      amount: number(args[1]),
      oldHint: hintAt(args, 2),
      newHint: hintAt(args, 4),
    }),
  withdrawStake: (world, { sender, args }) => bonding.withdrawStake(world, sender, number(args[0])),
  withdrawFees: (world, { sender, args }) => bonding.withdrawFees(world, sender, name(args[0]), number(args[1])),
  claimEarnings: (world, { sender }) => bonding.claimEarnings(world, sender),
  checkpointBondingState: (world, { args }) => checkpoint(world, name(args[0])),
  transcoder: setTerms,
  transcoderWithHint: setTerms,
  reward,
  rewardWithHint: reward,
  rewardForTranscoder: rewardFor,
  rewardForTranscoderWithHint: rewardFor,
  setRewardCaller: (world, { sender, args }) => bonding.setRewardCaller(world, sender, name(args[0])),
  setCurrentRoundTotalActiveStake: () => demand(false, 'caller must be RoundsManager'),
  slashTranscoder: () => demand(false, 'caller must be Verifier'),
  updateTranscoderWithFees: (world) => {
    demandRunning(world)
    demand(false, 'caller must be TicketBroker')
  },
}

const redemption = (ticket: Recorded, signature: Recorded, rand: Recorded): tickets.Redemption => {
  const fields = ticket as Record<string, string>
  const { bytes, signer } = signature as { bytes: Hex; signer?: Account }
  return {
    ticket: {
      recipient: fields.recipient!,
      sender: fields.sender!,
      faceValue: BigInt(fields.faceValue!),
      winProb: BigInt(fields.winProb!),
      senderNonce: BigInt(fields.senderNonce!),
      recipientRandHash: fields.recipientRandHash as Hex,
      auxData: fields.auxData as Hex,
    },
    signature: { bytes, signer },
    recipientRand: number(rand),
  }
}

const broker: Record<string, Handler> = {
  redeemWinningTicket: (world, { args }) => tickets.redeem(world, redemption(args[0]!, args[1]!, args[2]!)),
  batchRedeemWinningTickets: (world, { args }) => {
    const [all, signatures, rands] = args as [Recorded[], Recorded[], Recorded[]]
    tickets.redeemBatch(
      world,
      all.map((ticket, index) => redemption(ticket, signatures[index]!, rands[index]!)),
    )
  },
  fundDeposit: (world, { sender, value }) => tickets.fund(world, { sender, holder: sender, value, deposit: value }),
  fundReserve: (world, { sender, value }) => tickets.fund(world, { sender, holder: sender, value, reserve: value }),
  fundDepositAndReserve: (world, { sender, value, args }) =>
    tickets.fund(world, { sender, holder: sender, value, deposit: number(args[0]), reserve: number(args[1]) }),
  fundDepositAndReserveFor: (world, { sender, value, args }) =>
    tickets.fund(world, {
      sender,
      holder: name(args[0]),
      value,
      deposit: number(args[1]),
      reserve: number(args[2]),
    }),
  unlock: (world, { sender }) => tickets.unlock(world, sender),
  cancelUnlock: (world, { sender }) => tickets.cancelUnlock(world, sender),
  withdraw: (world, { sender }) => tickets.withdraw(world, sender),
}

const handlers: Record<string, Record<string, Handler>> = {
  BondingManager: stake,
  TicketBroker: broker,
  RoundsManager: {
    setBlockNum: (world, { args }) => world.rounds.change({ block: number(args[0]) }),
    setBlockHash: (world, { args }) => world.rounds.change({ hash: args[0] as string }),
    mineBlocks: (world, { args }) => world.rounds.change({ block: world.rounds.now.block + number(args[0]) }),
    initializeRound,
  },
  Controller: {
    pause: (world, { sender }) => setPaused(world, sender, true),
    unpause: (world, { sender }) => setPaused(world, sender, false),
  },
  Minter: {
    createReward: () => demand(false, 'msg.sender not BondingManager'),
    trustedTransferTokens: () => demand(false, 'msg.sender not BondingManager'),
  },
  BondingVotes: {
    checkpointBondingState: (_, { sender }) => failWith('InvalidCaller', sender, 'BondingManager'),
    delegate: () => failWith('MustCallBondingManager', 'bond'),
  },
  LivepeerToken: {
    transfer: (world, { sender, args }) => transferLpt(world, sender, name(args[0]), number(args[1])),
  },
  ServiceRegistry: {
    setServiceURI: (world, { sender, args }) => {
      world.serviceURIs.set(sender, args[0] as string)
      world.emit('ServiceRegistry', 'ServiceURIUpdate', sender, args[0] as string)
    },
  },
}

/** What a function of a contract does. */
export function handlerOf(contract: string, name: string): Handler {
  const handler = handlers[contract]?.[name] ?? settings[`${contract}.${name}`]
  if (!handler) throw new Error(`the model has no ${contract}.${name}`)
  return handler
}

function setPaused(world: World, sender: Account, paused: boolean): void {
  demandSilently(sender === owner && world.system.now.paused !== paused)
  world.system.change({ paused })
  world.emit('Controller', paused ? 'Pause' : 'Unpause')
}
