import type { BlockNumber, Wei } from '@millrace/base'
import { governorAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import { encodeAbiParameters, type Hex, keccak256 } from 'viem'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'

// The contract that owns the protocol: its owner stages calls, and anybody carries them out once their delay is over.

const governor = (address: Address) => openContract(governorAbi, () => address)

/** Calls that are carried out together. */
export type Update = {
  readonly target: readonly Address[]
  readonly value: readonly Wei[]
  readonly data: readonly Hex[]
  readonly nonce: bigint
}

/** Under which an update is known. */
export function updateHash(update: Update): Hex {
  const { inputs } = governorAbi.find((item) => item.type === 'function' && item.name === 'cancel') as {
    inputs: readonly { type: string }[]
  }
  return keccak256(encodeAbiParameters(inputs, [update]))
}

/** Who may stage updates. */
export const governorOwner = (client: ChainClient, address: Address, at: At = {}): Promise<Address> =>
  governor(address).get(client, 'owner', [], at).then(lower)

/** The block from which an update can be carried out; 0 for one that is not staged. */
export const executeBlock = (
  client: ChainClient,
  params: { readonly governor: Address; readonly update: Update },
  at: At = {},
): Promise<BlockNumber> => governor(params.governor).get(client, 'updates', [updateHash(params.update)], at)

/** Stages an update; `delay` is in blocks. For the owner. */
export const stageUpdate = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly governor: Address; readonly update: Update; readonly delay: bigint },
  call?: Call,
): Promise<TxResult> => governor(params.governor).send(client, sender, 'stage', [params.update, params.delay], call)

/** Carries a staged update out, with the ether that its calls need. */
export const executeUpdate = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly governor: Address; readonly update: Update },
  call?: Call,
): Promise<TxResult> =>
  governor(params.governor).send(client, sender, 'execute', [params.update], {
    ...call,
    value: params.update.value.reduce((sum, value) => sum + value, 0n),
  })

/** Takes a staged update back. For the owner. */
export const cancelUpdate = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly governor: Address; readonly update: Update },
  call?: Call,
): Promise<TxResult> => governor(params.governor).send(client, sender, 'cancel', [params.update], call)

/** Gives the right to stage updates to somebody else. For the governor itself, so by an update. */
export const transferGovernor = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly governor: Address; readonly newOwner: Address },
  call?: Call,
): Promise<TxResult> => governor(params.governor).send(client, sender, 'transferOwnership', [params.newOwner], call)
