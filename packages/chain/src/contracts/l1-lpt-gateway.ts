import type { Lpt } from '@millrace/base'
import { l1LPTGatewayAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import { encodeAbiParameters, type Hex, parseEventLogs, type TransactionReceipt } from 'viem'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'
import { type MessageCost, messageValue } from './retryable-message.ts'

// The bridge's end on layer 1. Roles are in access-control.ts.

const gateway = (address: Address) => openContract(l1LPTGatewayAbi, () => address)

/** The contracts that the gateway deals with. */
export type L1GatewayContracts = {
  readonly inbox: Address
  readonly l1LPTEscrow: Address
  readonly l1Lpt: Address
  readonly l1Router: Address
  readonly l2Counterpart: Address
  readonly l2Lpt: Address
  /** The BridgeMinter. */
  readonly minter: Address
}

export async function gatewayContracts(
  client: ChainClient,
  address: Address,
  at: At = {},
): Promise<L1GatewayContracts> {
  const { get } = gateway(address)
  const [inbox, l1LPTEscrow, l1Lpt, l1Router, l2Counterpart, l2Lpt, minter] = await Promise.all([
    get(client, 'inbox', [], at).then(lower),
    get(client, 'l1LPTEscrow', [], at).then(lower),
    get(client, 'l1Lpt', [], at).then(lower),
    get(client, 'l1Router', [], at).then(lower),
    get(client, 'l2Counterpart', [], at).then(lower),
    get(client, 'l2Lpt', [], at).then(lower),
    get(client, 'minter', [], at).then(lower),
  ])
  return { inbox, l1LPTEscrow, l1Lpt, l1Router, l2Counterpart, l2Lpt, minter }
}

/**
 * Sends LPT of the sender to layer 2. The gateway must have been approved for it, also where `gateway` is Arbitrum's
 * router, which takes the same call. The ether for the message is sent along.
 */
export const outboundTransfer = (
  client: ChainClient,
  sender: TxSender,
  params: {
    readonly gateway: Address
    readonly l1Token: Address
    readonly to: Address
    readonly amount: Lpt
    readonly cost: MessageCost
  },
  call?: Call,
): Promise<TxResult> => {
  const { l1Token, to, amount, cost } = params
  const args = [l1Token, to, amount, cost.maxGas, cost.gasPriceBid, outboundData(cost)] as const
  return gateway(params.gateway).send(client, sender, 'outboundTransfer', args, { ...call, value: messageValue(cost) })
}

/** Data of `outboundTransfer`; the gateway takes no call of the receiver, which would be the second part. */
export const outboundData = ({ maxSubmissionCost }: Pick<MessageCost, 'maxSubmissionCost'>): Hex =>
  encodeAbiParameters([{ type: 'uint256' }, { type: 'bytes' }], [maxSubmissionCost, '0x'])

/** A transfer that is on its way to layer 2. */
export type Deposit = {
  readonly l1Token: Address
  readonly from: Address
  readonly to: Address
  readonly amount: Lpt
  /** Number of the message in the inbox. */
  readonly sequenceNumber: bigint
}

/** The transfer that a transaction began. */
export function initiatedDeposit(receipt: TransactionReceipt): Deposit | undefined {
  const [log] = parseEventLogs({ abi: l1LPTGatewayAbi, eventName: 'DepositInitiated', logs: receipt.logs })
  if (!log) return undefined
  const { _l1Token, _from, _to, _amount, _sequenceNumber } = log.args
  return {
    l1Token: lower(_l1Token),
    from: lower(_from),
    to: lower(_to),
    amount: _amount,
    sequenceNumber: _sequenceNumber,
  }
}

/** What the gateway on the other chain is called with for a transfer. */
export const getOutboundCalldata = (
  client: ChainClient,
  params: {
    readonly gateway: Address
    readonly l1Token: Address
    readonly from: Address
    readonly to: Address
    readonly amount: Lpt
    readonly data: Hex
  },
  at: At = {},
): Promise<Hex> =>
  gateway(params.gateway).get(
    client,
    'getOutboundCalldata',
    [params.l1Token, params.from, params.to, params.amount, params.data],
    at,
  )

/** LPT on layer 2 for LPT on layer 1; the zero address for every other token. */
export const calculateL2TokenAddress = (
  client: ChainClient,
  params: { readonly gateway: Address; readonly l1Token: Address },
  at: At = {},
): Promise<Address> => gateway(params.gateway).get(client, 'calculateL2TokenAddress', [params.l1Token], at).then(lower)

/** Sets the gateway on the other chain. For administrators. */
export const setCounterpart = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly gateway: Address; readonly counterpart: Address },
  call?: Call,
): Promise<TxResult> => gateway(params.gateway).send(client, sender, 'setCounterpart', [params.counterpart], call)

/** True while nothing can be sent; what is under way arrives. */
export const paused = (client: ChainClient, address: Address, at: At = {}): Promise<boolean> =>
  gateway(address).get(client, 'paused', [], at)

/** Stops transfers. For administrators. */
export const pause = (client: ChainClient, sender: TxSender, address: Address, call?: Call): Promise<TxResult> =>
  gateway(address).send(client, sender, 'pause', [], call)

/** Lets transfers go out again. For administrators. */
export const unpause = (client: ChainClient, sender: TxSender, address: Address, call?: Call): Promise<TxResult> =>
  gateway(address).send(client, sender, 'unpause', [], call)

/** The gateway on layer 2, under the name that routers ask for. */
export const counterpartGateway = (client: ChainClient, address: Address, at: At = {}): Promise<Address> =>
  gateway(address).get(client, 'counterpartGateway', [], at).then(lower)

/** Sets the BridgeMinter. For administrators. */
export const setMinter = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly gateway: Address; readonly minter: Address },
  call?: Call,
): Promise<TxResult> => gateway(params.gateway).send(client, sender, 'setMinter', [params.minter], call)
