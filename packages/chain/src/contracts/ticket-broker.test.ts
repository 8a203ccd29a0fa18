import { ticketBrokerAbi as abi } from '@millrace/contracts'
import { encodeAbiParameters, encodeEventTopics, type Log, type TransactionReceipt } from 'viem'
import { expect, it } from 'vitest'
import { paidByRedemption } from './ticket-broker.ts'

const SENDER = '0x00000000000000000000000000000000000000a1'
const RECIPIENT = '0x00000000000000000000000000000000000000ee'
const args = { sender: SENDER, recipient: RECIPIENT } as const

const redeemed = (faceValue: bigint) => ({
  topics: encodeEventTopics({ abi, eventName: 'WinningTicketRedeemed', args }),
  data: encodeAbiParameters(
    [{ type: 'uint256' }, { type: 'uint256' }, { type: 'uint256' }, { type: 'uint256' }, { type: 'bytes' }],
    [faceValue, 1n, 1n, 1n, '0x'],
  ),
})
const transferred = (amount: bigint) => ({
  topics: encodeEventTopics({ abi, eventName: 'WinningTicketTransfer', args }),
  data: encodeAbiParameters([{ type: 'uint256' }], [amount]),
})
const receiptOf = (...logs: { topics: unknown; data: string }[]) =>
  ({ logs: logs.map((log) => ({ ...log, address: SENDER }) as unknown as Log) }) as unknown as TransactionReceipt

// Livepeer's subgraph counted the face value, also where deposit and reserve paid a part of it or nothing.
it('what a ticket paid is what was transferred, not its face value', () => {
  expect(paidByRedemption(receiptOf(transferred(13n), redeemed(100n)))).toBe(13n)
  expect(paidByRedemption(receiptOf(redeemed(100n)))).toBe(0n)
  expect(paidByRedemption(receiptOf(transferred(13n), redeemed(100n), transferred(5n), redeemed(5n)))).toBe(18n)
})
