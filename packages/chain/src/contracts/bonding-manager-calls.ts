import type { Lpt, Perc6, Perc27, Round, Wei } from '@millrace/base'
import { bondingManagerAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, openContract } from './contract.ts'

const { send } = openContract(bondingManagerAbi, (client) => client.addresses.bondingManager)

/** Bonds the sender's LPT in somebody else's name: to the delegate it has already, or to any but itself if it has no stake. */
export const bondForWithHint = (
  client: ChainClient,
  sender: TxSender,
  bonding: {
    readonly amount: Lpt
    readonly owner: Address
    readonly to: Address
    readonly oldDelegateNewPosPrev: Address
    readonly oldDelegateNewPosNext: Address
    readonly currDelegateNewPosPrev: Address
    readonly currDelegateNewPosNext: Address
  },
  call?: Call,
): Promise<TxResult> =>
  send(
    client,
    sender,
    'bondForWithHint',
    [
      bonding.amount,
      bonding.owner,
      bonding.to,
      bonding.oldDelegateNewPosPrev,
      bonding.oldDelegateNewPosNext,
      bonding.currDelegateNewPosPrev,
      bonding.currDelegateNewPosNext,
    ],
    call,
  )

/** Bonds as `bond` does; the hints, neighbours in the pool after the call, make it cheaper (see `poolHints`). */
export const bondWithHint = (
  client: ChainClient,
  sender: TxSender,
  bonding: {
    readonly amount: Lpt
    readonly to: Address
    readonly oldDelegateNewPosPrev: Address
    readonly oldDelegateNewPosNext: Address
    readonly currDelegateNewPosPrev: Address
    readonly currDelegateNewPosNext: Address
  },
  call?: Call,
): Promise<TxResult> =>
  send(
    client,
    sender,
    'bondWithHint',
    [
      bonding.amount,
      bonding.to,
      bonding.oldDelegateNewPosPrev,
      bonding.oldDelegateNewPosNext,
      bonding.currDelegateNewPosPrev,
      bonding.currDelegateNewPosNext,
    ],
    call,
  )

/** Writes down an account's bond for its votes from the next round on; anybody may. */
export const checkpointBondingState = (
  client: ChainClient,
  sender: TxSender,
  account: Address,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'checkpointBondingState', [account], call)

/** Claims rewards and fees up to now; the contract ignores the round. Before the orchestrator has called its reward, that reward is forfeited. */
export const claimEarnings = (client: ChainClient, sender: TxSender, endRound: Round, call?: Call): Promise<TxResult> =>
  send(client, sender, 'claimEarnings', [endRound], call)

/** Turns a lock back into stake with the current delegate. */
export const rebond = (
  client: ChainClient,
  sender: TxSender,
  unbondingLockId: bigint,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'rebond', [unbondingLockId], call)

/** Turns a lock into stake with a new delegate; for accounts that have no stake left. */
export const rebondFromUnbonded = (
  client: ChainClient,
  sender: TxSender,
  rebonding: { readonly to: Address; readonly unbondingLockId: bigint },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'rebondFromUnbonded', [rebonding.to, rebonding.unbondingLockId], call)

/** As `rebondFromUnbonded`, cheaper by hints. */
export const rebondFromUnbondedWithHint = (
  client: ChainClient,
  sender: TxSender,
  rebonding: {
    readonly to: Address
    readonly unbondingLockId: bigint
    readonly newPosPrev: Address
    readonly newPosNext: Address
  },
  call?: Call,
): Promise<TxResult> =>
  send(
    client,
    sender,
    'rebondFromUnbondedWithHint',
    [rebonding.to, rebonding.unbondingLockId, rebonding.newPosPrev, rebonding.newPosNext],
    call,
  )

/** As `rebond`, cheaper by hints. */
export const rebondWithHint = (
  client: ChainClient,
  sender: TxSender,
  rebonding: { readonly unbondingLockId: bigint; readonly newPosPrev: Address; readonly newPosNext: Address },
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'rebondWithHint', [rebonding.unbondingLockId, rebonding.newPosPrev, rebonding.newPosNext], call)

/** Mints an orchestrator's reward of this round; for the caller that it named with `setRewardCaller`. */
export const rewardForTranscoder = (
  client: ChainClient,
  sender: TxSender,
  transcoder: Address,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'rewardForTranscoder', [transcoder], call)

/** As `rewardForTranscoder`, cheaper by hints. */
export const rewardForTranscoderWithHint = (
  client: ChainClient,
  sender: TxSender,
  rewarding: { readonly transcoder: Address; readonly newPosPrev: Address; readonly newPosNext: Address },
  call?: Call,
): Promise<TxResult> =>
  send(
    client,
    sender,
    'rewardForTranscoderWithHint',
    [rewarding.transcoder, rewarding.newPosPrev, rewarding.newPosNext],
    call,
  )

/** As `reward`, cheaper by hints. */
export const rewardWithHint = (
  client: ChainClient,
  sender: TxSender,
  hint: { readonly newPosPrev: Address; readonly newPosNext: Address },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'rewardWithHint', [hint.newPosPrev, hint.newPosNext], call)

/** For the RoundsManager alone. */
export const setCurrentRoundTotalActiveStake = (
  client: ChainClient,
  sender: TxSender,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setCurrentRoundTotalActiveStake', [], call)

/** Sets how many orchestrators can be active; it can only grow. For the Controller's owner. */
export const setNumActiveTranscoders = (
  client: ChainClient,
  sender: TxSender,
  numActiveTranscoders: bigint,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setNumActiveTranscoders', [numActiveTranscoders], call)

/** Names the account that may call the reward for the sender; the zero address names nobody. */
export const setRewardCaller = (
  client: ChainClient,
  sender: TxSender,
  rewardCaller: Address,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setRewardCaller', [rewardCaller], call)

/** Sets the balance at which the treasury's part ends; 0 for never. For the Controller's owner. */
export const setTreasuryBalanceCeiling = (
  client: ChainClient,
  sender: TxSender,
  ceiling: Lpt,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setTreasuryBalanceCeiling', [ceiling], call)

/** Sets the treasury's part of rewards from the next round on. For the Controller's owner. */
export const setTreasuryRewardCutRate = (
  client: ChainClient,
  sender: TxSender,
  cutRate: Perc27,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setTreasuryRewardCutRate', [cutRate], call)

/** Sets for how many rounds stake that is taken out stays locked. For the Controller's owner. */
export const setUnbondingPeriod = (
  client: ChainClient,
  sender: TxSender,
  unbondingPeriod: bigint,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setUnbondingPeriod', [unbondingPeriod], call)

/** For the Verifier alone; networks without one never slash. */
export const slashTranscoder = (
  client: ChainClient,
  sender: TxSender,
  slashing: {
    readonly transcoder: Address
    readonly finder: Address
    readonly slashAmount: Perc6
    readonly finderFee: Perc6
  },
  call?: Call,
): Promise<TxResult> =>
  send(
    client,
    sender,
    'slashTranscoder',
    [slashing.transcoder, slashing.finder, slashing.slashAmount, slashing.finderFee],
    call,
  )

/** Sets reward cut and fee share as `setCuts` does, cheaper by hints where it joins the pool. */
export const transcoderWithHint = (
  client: ChainClient,
  sender: TxSender,
  cuts: {
    readonly rewardCut: Perc6
    readonly feeShare: Perc6
    readonly newPosPrev: Address
    readonly newPosNext: Address
  },
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'transcoderWithHint', [cuts.rewardCut, cuts.feeShare, cuts.newPosPrev, cuts.newPosNext], call)

/** Gives stake to somebody else: it goes to the receiver's delegate, or stays with the sender's if it has none. */
export const transferBond = (
  client: ChainClient,
  sender: TxSender,
  transfer: {
    readonly delegator: Address
    readonly amount: Lpt
    readonly oldDelegateNewPosPrev: Address
    readonly oldDelegateNewPosNext: Address
    readonly newDelegateNewPosPrev: Address
    readonly newDelegateNewPosNext: Address
  },
  call?: Call,
): Promise<TxResult> =>
  send(
    client,
    sender,
    'transferBond',
    [
      transfer.delegator,
      transfer.amount,
      transfer.oldDelegateNewPosPrev,
      transfer.oldDelegateNewPosNext,
      transfer.newDelegateNewPosPrev,
      transfer.newDelegateNewPosNext,
    ],
    call,
  )

/** Takes stake out; it stays locked for the unbonding period. */
export const unbond = (client: ChainClient, sender: TxSender, amount: Lpt, call?: Call): Promise<TxResult> =>
  send(client, sender, 'unbond', [amount], call)

/** As `unbond`, cheaper by hints. */
export const unbondWithHint = (
  client: ChainClient,
  sender: TxSender,
  unbonding: { readonly amount: Lpt; readonly newPosPrev: Address; readonly newPosNext: Address },
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'unbondWithHint', [unbonding.amount, unbonding.newPosPrev, unbonding.newPosNext], call)

/** For the TicketBroker alone. */
export const updateTranscoderWithFees = (
  client: ChainClient,
  sender: TxSender,
  booking: { readonly transcoder: Address; readonly fees: Wei; readonly round: Round },
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'updateTranscoderWithFees', [booking.transcoder, booking.fees, booking.round], call)

/** Pays earned fees out, to any account. */
export const withdrawFees = (
  client: ChainClient,
  sender: TxSender,
  withdrawal: { readonly recipient: Address; readonly amount: Wei },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'withdrawFees', [withdrawal.recipient, withdrawal.amount], call)

/** Pays a lock out whose round has come. */
export const withdrawStake = (
  client: ChainClient,
  sender: TxSender,
  unbondingLockId: bigint,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'withdrawStake', [unbondingLockId], call)

/** For the Verifier alone. */
export const slashUnbondingLocks = (
  client: ChainClient,
  sender: TxSender,
  slashing: {
    readonly transcoder: Address
    readonly finder: Address
    readonly slashAmount: Perc6
    readonly finderFee: Perc6
    readonly firstLockId: bigint
    readonly endLockId: bigint
  },
  call?: Call,
): Promise<TxResult> => {
  const { transcoder, finder, slashAmount, finderFee, firstLockId, endLockId } = slashing
  const args = [transcoder, finder, slashAmount, finderFee, firstLockId, endLockId] as const
  return send(client, sender, 'slashUnbondingLocks', args, call)
}

/** For the Verifier alone. */
export const fineTranscoder = (
  client: ChainClient,
  sender: TxSender,
  fine: { readonly transcoder: Address; readonly amount: Lpt },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'fineTranscoder', [fine.transcoder, fine.amount], call)

/** For the Verifier alone. */
export const freezeStake = (client: ChainClient, sender: TxSender, account: Address, call?: Call): Promise<TxResult> =>
  send(client, sender, 'freezeStake', [account], call)

/** For the Verifier alone. */
export const releaseStake = (client: ChainClient, sender: TxSender, account: Address, call?: Call): Promise<TxResult> =>
  send(client, sender, 'releaseStake', [account], call)
