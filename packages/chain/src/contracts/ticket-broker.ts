import type { Round, Wei } from '@millrace/base'
import { ticketBrokerAbi as abi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import { parseEventLogs, type TransactionReceipt } from 'viem'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type At, read } from './read.ts'

type Call = { readonly signal?: AbortSignal | undefined }

/** A ticket in the form of the TicketBroker's ABI. */
export type AbiTicket = {
  readonly recipient: Address
  readonly sender: Address
  readonly faceValue: Wei
  readonly winProb: bigint
  readonly senderNonce: bigint
  readonly recipientRandHash: `0x${string}`
  readonly auxData: `0x${string}`
}

/** A gateway's funds in the TicketBroker. */
export type SenderInfo = {
  readonly deposit: Wei
  /** 0 unless the sender is unlocking. */
  readonly withdrawRound: Round
  readonly reserve: { readonly fundsRemaining: Wei; readonly claimedInCurrentRound: Wei }
}

export async function getSenderInfo(client: ChainClient, sender: Address, at: At = {}): Promise<SenderInfo> {
  const [info, reserve] = await read(
    client,
    { address: client.addresses.ticketBroker, abi, functionName: 'getSenderInfo', args: [sender] },
    at,
  )
  return { deposit: info.deposit, withdrawRound: info.withdrawRound, reserve }
}

/** What the claimant already took from the sender's reserve in the current round, in wei. */
export const claimedReserve = (
  client: ChainClient,
  pair: { readonly reserveHolder: Address; readonly claimant: Address },
  at: At = {},
): Promise<Wei> =>
  read(
    client,
    {
      address: client.addresses.ticketBroker,
      abi,
      functionName: 'claimedReserve',
      args: [pair.reserveHolder, pair.claimant],
    },
    at,
  )

/** True when the ticket with this hash was redeemed already. */
export const isUsedTicket = (client: ChainClient, ticketHash: `0x${string}`, at: At = {}): Promise<boolean> =>
  read(client, { address: client.addresses.ticketBroker, abi, functionName: 'usedTickets', args: [ticketHash] }, at)

/** Adds to the sender's deposit and reserve; the sum is sent along. */
export const fundDepositAndReserve = (
  client: ChainClient,
  sender: TxSender,
  funds: { readonly deposit: Wei; readonly reserve: Wei },
  call?: Call,
): Promise<TxResult> =>
  sender.send(
    {
      address: client.addresses.ticketBroker,
      abi,
      functionName: 'fundDepositAndReserve',
      args: [funds.deposit, funds.reserve],
      value: funds.deposit + funds.reserve,
    },
    call,
  )

/** Redeems a winning ticket; the payout goes to the recipient's fees whoever sends it. */
export const redeemWinningTicket = (
  client: ChainClient,
  sender: TxSender,
  winner: { readonly ticket: AbiTicket; readonly sig: `0x${string}`; readonly recipientRand: bigint },
  call?: Call & { readonly onSubmitted?: (hash: `0x${string}`) => void },
): Promise<TxResult> =>
  sender.send(
    {
      address: client.addresses.ticketBroker,
      abi,
      functionName: 'redeemWinningTicket',
      args: [winner.ticket, winner.sig, winner.recipientRand],
    },
    call,
  )

/** What a redeeming transaction really paid, in wei: less than the face value when deposit and reserve did not suffice. */
export const paidByRedemption = (receipt: TransactionReceipt): Wei =>
  parseEventLogs({ abi, eventName: 'WinningTicketTransfer', logs: receipt.logs }).reduce(
    (sum, log) => sum + log.args.amount,
    0n,
  )
