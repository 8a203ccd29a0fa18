import { type Address, concat, encodePacked, type Hex, hexToBigInt, keccak256, size, slice } from 'viem'
import { BridgeError } from './errors.ts'

/** A message for layer 2 as the inbox of layer 1 took it. */
export type L1ToL2Message = {
  readonly number: bigint
  /** The sender as layer 2 sees it. */
  readonly aliasedSender: Address
  readonly to: Address
  readonly callValue: bigint
  /** Wei that came with the message. */
  readonly deposit: bigint
  readonly feeRefundAddress: Address
  readonly beneficiary: Address
  /** Gas of the first attempt; none is made if zero. */
  readonly maxGas: bigint
  readonly data: Hex
}

/** A message for layer 1 as layer 2 announced it. */
export type L2ToL1Message = {
  readonly index: bigint
  readonly sender: Address
  readonly to: Address
  readonly l2Block: bigint
  readonly l1Block: bigint
  readonly timestamp: bigint
  readonly value: bigint
  readonly data: Hex
}

/** Reads the data of an inbox message: nine words, then the call data; see InboxStandIn. */
export function decodeInboxMessage(number: bigint, aliasedSender: Address, packed: Hex): L1ToL2Message {
  const words = 9
  if (size(packed) < 32 * words) throw unreadable(number)
  const word = (index: number) => slice(packed, 32 * index, 32 * (index + 1))
  const address = (index: number) => slice(word(index), 12)
  const data = size(packed) > 32 * words ? slice(packed, 32 * words) : '0x'
  if (hexToBigInt(word(8)) !== BigInt(size(data))) throw unreadable(number)
  return {
    number,
    aliasedSender,
    to: address(0),
    callValue: hexToBigInt(word(1)),
    deposit: hexToBigInt(word(2)),
    feeRefundAddress: address(4),
    beneficiary: address(5),
    maxGas: hexToBigInt(word(6)),
    data,
  }
}

/** The hash under which the outbox knows a message; see OutboxStandIn. */
export function itemHash({ sender, to, l2Block, l1Block, timestamp, value, data }: L2ToL1Message): Hex {
  const numbers = encodePacked(['uint256', 'uint256', 'uint256', 'uint256'], [l2Block, l1Block, timestamp, value])
  return keccak256(concat([sender, to, numbers, data]))
}

const unreadable = (number: bigint) =>
  new BridgeError('message_unreadable', `message ${number} to layer 2 is not in the form that the inbox gives it`, {
    meta: { number },
  })
