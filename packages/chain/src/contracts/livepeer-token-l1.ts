import { livepeerTokenL1Abi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'

// What LPT on layer 1 has and LPT on layer 2 has not; the rest is in livepeer-token.ts and works for both. On layer 1
// the owner mints, there are no roles and no `permit`, and anybody may burn.

const { get, send } = openContract(livepeerTokenL1Abi, (client) => client.addresses.livepeerToken)

/** Ends minting for ever. For the owner. */
export const finishMinting = (client: ChainClient, sender: TxSender, call?: Call): Promise<TxResult> =>
  send(client, sender, 'finishMinting', [], call)

/** True once nothing can be minted any more. */
export const mintingFinished = (client: ChainClient, at: At = {}): Promise<boolean> =>
  get(client, 'mintingFinished', [], at)

/** Who may mint: the BridgeMinter. */
export const owner = (client: ChainClient, at: At = {}): Promise<Address> => get(client, 'owner', [], at).then(lower)

/** Gives the right to mint to another owner. For the owner. */
export const transferOwnership = (
  client: ChainClient,
  sender: TxSender,
  newOwner: Address,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'transferOwnership', [newOwner], call)

/** Version of the token. */
export const version = (client: ChainClient, at: At = {}): Promise<string> => get(client, 'version', [], at)
