import { merkleSnapshotAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { Hex } from 'viem'
import type { ChainClient } from '../client.ts'
import { ChainError } from '../errors.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, openContract } from './contract.ts'
import type { At } from './read.ts'

const { get, send } = openContract(merkleSnapshotAbi, snapshotOf)

function snapshotOf(client: ChainClient): Address {
  const { merkleSnapshot } = client.addresses
  if (!merkleSnapshot) throw new ChainError('no_contract', 'this network has no snapshot of another one')
  return merkleSnapshot
}

/** Sets the root of a tree. For the Controller's owner. */
export const setSnapshot = (
  client: ChainClient,
  sender: TxSender,
  tree: { readonly id: Hex; readonly root: Hex },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setSnapshot', [tree.id, tree.root], call)

/** Root of a tree; 32 zero bytes for one that was never set. */
export const snapshot = (client: ChainClient, id: Hex, at: At = {}): Promise<Hex> => get(client, 'snapshot', [id], at)

/** True for a leaf that the proof leads from to the root. */
export const verify = (
  client: ChainClient,
  claim: { readonly id: Hex; readonly proof: readonly Hex[]; readonly leaf: Hex },
  at: At = {},
): Promise<boolean> => get(client, 'verify', [claim.id, claim.proof, claim.leaf], at)
