import type { Lpt, Perc9, Wei } from '@millrace/base'
import { minterAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'

const { get, send } = openContract(minterAbi, (client) => client.addresses.minter)

/** For the BondingManager alone. */
export const createReward = (
  client: ChainClient,
  sender: TxSender,
  fraction: { readonly fracNum: bigint; readonly fracDenom: bigint },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'createReward', [fraction.fracNum, fraction.fracDenom], call)

/** LPT that the rewards of this round can mint together. */
export const currentMintableTokens = (client: ChainClient, at: At = {}): Promise<Lpt> =>
  get(client, 'currentMintableTokens', [], at)

/** LPT that the rewards of this round have minted so far. */
export const currentMintedTokens = (client: ChainClient, at: At = {}): Promise<Lpt> =>
  get(client, 'currentMintedTokens', [], at)

/** For the TicketBroker and an earlier Minter alone. */
export const depositETH = (client: ChainClient, sender: TxSender, value: Wei, call?: Call): Promise<TxResult> =>
  send(client, sender, 'depositETH', [], { ...call, value: value })

/** The Controller, under the name that a Minter asks of its successor. */
export const getController = (client: ChainClient, at: At = {}): Promise<Address> =>
  get(client, 'getController', [], at).then(lower)

/** All LPT, on Arbitrum that of both layers. */
export const getGlobalTotalSupply = (client: ChainClient, at: At = {}): Promise<Lpt> =>
  get(client, 'getGlobalTotalSupply', [], at)

/** New LPT per round as parts per billion of the supply. */
export const inflation = (client: ChainClient, at: At = {}): Promise<Perc9> => get(client, 'inflation', [], at)

/** How far inflation moves each round. */
export const inflationChange = (client: ChainClient, at: At = {}): Promise<Perc9> =>
  get(client, 'inflationChange', [], at)

/** Moves everything to another Minter. For the Controller's owner. */
export const migrateToNewMinter = (
  client: ChainClient,
  sender: TxSender,
  newMinter: Address,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'migrateToNewMinter', [newMinter], call)

/** For the RoundsManager alone. */
export const setCurrentRewardTokens = (client: ChainClient, sender: TxSender, call?: Call): Promise<TxResult> =>
  send(client, sender, 'setCurrentRewardTokens', [], call)

/** Sets how far inflation moves each round. For the Controller's owner. */
export const setInflationChange = (
  client: ChainClient,
  sender: TxSender,
  inflationChange: Perc9,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setInflationChange', [inflationChange], call)

/** Sets the part of the supply that should be bonded. For the Controller's owner. */
export const setTargetBondingRate = (
  client: ChainClient,
  sender: TxSender,
  targetBondingRate: Perc9,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setTargetBondingRate', [targetBondingRate], call)

/** The part of the supply that should be bonded. */
export const targetBondingRate = (client: ChainClient, at: At = {}): Promise<Perc9> =>
  get(client, 'targetBondingRate', [], at)

/** For the BondingManager alone. */
export const trustedBurnTokens = (client: ChainClient, sender: TxSender, amount: Lpt, call?: Call): Promise<TxResult> =>
  send(client, sender, 'trustedBurnTokens', [amount], call)

/** For the BondingManager alone. */
export const trustedTransferTokens = (
  client: ChainClient,
  sender: TxSender,
  transfer: { readonly to: Address; readonly amount: Lpt },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'trustedTransferTokens', [transfer.to, transfer.amount], call)

/** For the BondingManager and the TicketBroker alone. */
export const trustedWithdrawETH = (
  client: ChainClient,
  sender: TxSender,
  withdrawal: { readonly to: Address; readonly amount: Wei },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'trustedWithdrawETH', [withdrawal.to, withdrawal.amount], call)
