import type { Lpt } from '@millrace/base'
import { livepeerTokenFaucetAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import { ChainError } from '../errors.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'

const { get, send } = openContract(livepeerTokenFaucetAbi, faucetOf)

function faucetOf(client: ChainClient): Address {
  const { livepeerTokenFaucet } = client.addresses
  if (!livepeerTokenFaucet)
    throw new ChainError('no_contract', 'this network has no faucet: its LPT is worth something')
  return livepeerTokenFaucet
}

/** Lets an account ask as often as it likes. For the owner. */
export const addToWhitelist = (client: ChainClient, sender: TxSender, addr: Address, call?: Call): Promise<TxResult> =>
  send(client, sender, 'addToWhitelist', [addr], call)

/** True for an account that may ask as often as it likes. */
export const isWhitelisted = (client: ChainClient, account: Address, at: At = {}): Promise<boolean> =>
  get(client, 'isWhitelisted', [account], at)

/** When an account may ask again, in seconds since 1970; 0 if it never asked. */
export const nextValidRequest = (client: ChainClient, account: Address, at: At = {}): Promise<bigint> =>
  get(client, 'nextValidRequest', [account], at)

/** Who owns the faucet. */
export const owner = (client: ChainClient, at: At = {}): Promise<Address> => get(client, 'owner', [], at).then(lower)

/** Takes that back. For the owner. */
export const removeFromWhitelist = (
  client: ChainClient,
  sender: TxSender,
  addr: Address,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'removeFromWhitelist', [addr], call)

/** Asks for LPT; the contract refuses without a word when it is too soon. */
export const request = (client: ChainClient, sender: TxSender, call?: Call): Promise<TxResult> =>
  send(client, sender, 'request', [], call)

/** LPT per request. */
export const requestAmount = (client: ChainClient, at: At = {}): Promise<Lpt> => get(client, 'requestAmount', [], at)

/** Hours between two requests of one account. */
export const requestWait = (client: ChainClient, at: At = {}): Promise<bigint> => get(client, 'requestWait', [], at)

/** The token that the faucet gives. */
export const token = (client: ChainClient, at: At = {}): Promise<Address> => get(client, 'token', [], at).then(lower)

/** Gives the faucet to another owner. */
export const transferOwnership = (
  client: ChainClient,
  sender: TxSender,
  newOwner: Address,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'transferOwnership', [newOwner], call)
