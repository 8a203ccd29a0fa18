import type { Round, Wei } from '@millrace/base'
import { ticketBrokerAbi as abi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import { type Hex, parseEventLogs, type TransactionReceipt } from 'viem'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, openContract } from './contract.ts'
import type { At } from './read.ts'

const { get, send } = openContract(abi, (client) => client.addresses.ticketBroker)

/** A ticket in the form of the TicketBroker's ABI. */
export type AbiTicket = {
  readonly recipient: Address
  readonly sender: Address
  readonly faceValue: Wei
  readonly winProb: bigint
  readonly senderNonce: bigint
  readonly recipientRandHash: Hex
  readonly auxData: Hex
}

/** A gateway's funds in the TicketBroker. */
export type SenderInfo = {
  readonly deposit: Wei
  /** 0 unless the sender is unlocking. */
  readonly withdrawRound: Round
  readonly reserve: { readonly fundsRemaining: Wei; readonly claimedInCurrentRound: Wei }
}

export async function getSenderInfo(client: ChainClient, sender: Address, at: At = {}): Promise<SenderInfo> {
  const [info, reserve] = await get(client, 'getSenderInfo', [sender], at)
  return { deposit: info.deposit, withdrawRound: info.withdrawRound, reserve }
}

/** A gateway's reserve, without its deposit. */
export const getReserveInfo = (
  client: ChainClient,
  reserveHolder: Address,
  at: At = {},
): Promise<SenderInfo['reserve']> => get(client, 'getReserveInfo', [reserveHolder], at)

/** What the claimant already took from the sender's reserve in the current round, in wei. */
export const claimedReserve = (
  client: ChainClient,
  pair: { readonly reserveHolder: Address; readonly claimant: Address },
  at: At = {},
): Promise<Wei> => get(client, 'claimedReserve', [pair.reserveHolder, pair.claimant], at)

/** Hash of a ticket as the contract reckons it. */
export const getTicketHash = (client: ChainClient, ticket: AbiTicket, at: At = {}): Promise<Hex> =>
  get(client, 'getTicketHash', [ticket], at)

/** True when the ticket with this hash was redeemed already. */
export const isUsedTicket = (client: ChainClient, ticketHash: Hex, at: At = {}): Promise<boolean> =>
  get(client, 'usedTickets', [ticketHash], at)

/** Adds to the sender's deposit and reserve; the sum is sent along. */
export const fundDepositAndReserve = (
  client: ChainClient,
  sender: TxSender,
  funds: { readonly deposit: Wei; readonly reserve: Wei },
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'fundDepositAndReserve', [funds.deposit, funds.reserve], {
    ...call,
    value: funds.deposit + funds.reserve,
  })

/** A ticket that has won, with what proves it. */
export type Winner = { readonly ticket: AbiTicket; readonly sig: Hex; readonly recipientRand: bigint }

/** Redeems a winning ticket; the payout goes to the recipient's fees whoever sends it. */
export const redeemWinningTicket = (
  client: ChainClient,
  sender: TxSender,
  winner: Winner,
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'redeemWinningTicket', [winner.ticket, winner.sig, winner.recipientRand], call)

/** Redeems many tickets; those that cannot be redeemed are left out without a word. */
export const batchRedeemWinningTickets = (
  client: ChainClient,
  sender: TxSender,
  winners: readonly Winner[],
  call?: Call,
): Promise<TxResult> => {
  const [tickets, sigs, rands] = [
    winners.map(({ ticket }) => ticket),
    winners.map(({ sig }) => sig),
    winners.map(({ recipientRand }) => recipientRand),
  ]
  return send(client, sender, 'batchRedeemWinningTickets', [tickets, sigs, rands], call)
}

/** Stops the sender's unlocking, so that its tickets are good again. */
export const cancelUnlock = (client: ChainClient, sender: TxSender, call?: Call): Promise<TxResult> =>
  send(client, sender, 'cancelUnlock', [], call)

/** What an orchestrator can still take from a reserve in this round, in wei. */
export const claimableReserve = (
  client: ChainClient,
  pair: { readonly reserveHolder: Address; readonly claimant: Address },
  at: At = {},
): Promise<Wei> => get(client, 'claimableReserve', [pair.reserveHolder, pair.claimant], at)

/** Adds to the deposit of the sender. */
export const fundDeposit = (client: ChainClient, sender: TxSender, value: Wei, call?: Call): Promise<TxResult> =>
  send(client, sender, 'fundDeposit', [], { ...call, value: value })

/** Adds to somebody's deposit and reserve; the sum is sent along. */
export const fundDepositAndReserveFor = (
  client: ChainClient,
  sender: TxSender,
  funds: { readonly addr: Address; readonly depositAmount: Wei; readonly reserveAmount: Wei },
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'fundDepositAndReserveFor', [funds.addr, funds.depositAmount, funds.reserveAmount], {
    ...call,
    value: funds.depositAmount + funds.reserveAmount,
  })

/** Adds to the reserve of the sender. */
export const fundReserve = (client: ChainClient, sender: TxSender, value: Wei, call?: Call): Promise<TxResult> =>
  send(client, sender, 'fundReserve', [], { ...call, value: value })

/** True between `unlock` and the end or cancellation of it. */
export const isUnlockInProgress = (client: ChainClient, sender: Address, at: At = {}): Promise<boolean> =>
  get(client, 'isUnlockInProgress', [sender], at)

/** Sets for how many rounds tickets can be redeemed, that of their creation included. For the Controller's owner. */
export const setTicketValidityPeriod = (
  client: ChainClient,
  sender: TxSender,
  ticketValidityPeriod: bigint,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setTicketValidityPeriod', [ticketValidityPeriod], call)

/** Sets how many rounds pass between `unlock` and `withdraw`. For the Controller's owner. */
export const setUnlockPeriod = (
  client: ChainClient,
  sender: TxSender,
  unlockPeriod: bigint,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setUnlockPeriod', [unlockPeriod], call)

/** Rounds in which a ticket can be redeemed, that of its creation included. */
export const ticketValidityPeriod = (client: ChainClient, at: At = {}): Promise<bigint> =>
  get(client, 'ticketValidityPeriod', [], at)

/** Begins to unlock deposit and reserve; orchestrators take no more tickets then. */
export const unlock = (client: ChainClient, sender: TxSender, call?: Call): Promise<TxResult> =>
  send(client, sender, 'unlock', [], call)

/** Rounds between `unlock` and `withdraw`. */
export const unlockPeriod = (client: ChainClient, at: At = {}): Promise<bigint> => get(client, 'unlockPeriod', [], at)

/** Pays deposit and reserve back, once they are unlocked. */
export const withdraw = (client: ChainClient, sender: TxSender, call?: Call): Promise<TxResult> =>
  send(client, sender, 'withdraw', [], call)

/** What a redeeming transaction really paid, in wei: less than the face value when deposit and reserve did not suffice. */
export const paidByRedemption = (receipt: TransactionReceipt): Wei =>
  parseEventLogs({ abi, eventName: 'WinningTicketTransfer', logs: receipt.logs }).reduce(
    (sum, log) => sum + log.args.amount,
    0n,
  )
