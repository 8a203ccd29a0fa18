import type { Lpt } from '@millrace/base'
import { l2LPTGatewayAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import { type Hex, parseEventLogs, type TransactionReceipt } from 'viem'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'

// The bridge's end on layer 2. Roles are in access-control.ts.

const gateway = (address: Address) => openContract(l2LPTGatewayAbi, () => address)

/** The contracts that the gateway deals with. */
export type L2GatewayContracts = {
  readonly l1Counterpart: Address
  readonly l1Lpt: Address
  readonly l2LPTDataCache: Address
  readonly l2Lpt: Address
  readonly l2Router: Address
}

export async function gatewayContracts(
  client: ChainClient,
  address: Address,
  at: At = {},
): Promise<L2GatewayContracts> {
  const { get } = gateway(address)
  const [l1Counterpart, l1Lpt, l2LPTDataCache, l2Lpt, l2Router] = await Promise.all([
    get(client, 'l1Counterpart', [], at).then(lower),
    get(client, 'l1Lpt', [], at).then(lower),
    get(client, 'l2LPTDataCache', [], at).then(lower),
    get(client, 'l2Lpt', [], at).then(lower),
    get(client, 'l2Router', [], at).then(lower),
  ])
  return { l1Counterpart, l1Lpt, l2LPTDataCache, l2Lpt, l2Router }
}

/**
 * Sends LPT of the sender to layer 1, where it can be had after the challenge period. The gateway must have been
 * approved for it, also where `gateway` is Arbitrum's router, which takes the same call.
 */
export const outboundTransfer = (
  client: ChainClient,
  sender: TxSender,
  params: {
    readonly gateway: Address
    /** LPT on layer 1. */
    readonly l1Token: Address
    readonly to: Address
    readonly amount: Lpt
  },
  call?: Call,
): Promise<TxResult> =>
  gateway(params.gateway).send(
    client,
    sender,
    'outboundTransfer',
    [params.l1Token, params.to, params.amount, '0x'],
    call,
  )

/** A transfer that is on its way to layer 1. */
export type Withdrawal = {
  readonly l1Token: Address
  readonly from: Address
  readonly to: Address
  readonly amount: Lpt
  /** Number of the message, by which it is carried out on layer 1. */
  readonly l2ToL1Id: bigint
}

/** The transfer that a transaction began. */
export function initiatedWithdrawal(receipt: TransactionReceipt): Withdrawal | undefined {
  const [log] = parseEventLogs({ abi: l2LPTGatewayAbi, eventName: 'WithdrawalInitiated', logs: receipt.logs })
  if (!log) return undefined
  const { _l1Token, _from, _to, _amount, _l2ToL1Id } = log.args
  return { l1Token: lower(_l1Token), from: lower(_from), to: lower(_to), amount: _amount, l2ToL1Id: _l2ToL1Id }
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

/** The gateway on layer 1, under the name that routers ask for. */
export const counterpartGateway = (client: ChainClient, address: Address, at: At = {}): Promise<Address> =>
  gateway(address).get(client, 'counterpartGateway', [], at).then(lower)
