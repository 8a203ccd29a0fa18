import { serviceRegistryAbi as abi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, openContract } from './contract.ts'
import type { At } from './read.ts'

// Orchestrators that offer AI jobs publish their address in a second ServiceRegistry. No Controller knows it, so its address is given.

/** Where the AI registry of the live network is. */
export const arbitrumOneAiServiceRegistry: Address = '0x04c0b249740175999e5bf5c9ac1da92431ef34c5'

/** The URI under which an orchestrator can be reached for AI jobs; empty when it never set one. */
export const getAiServiceUri = (
  client: ChainClient,
  entry: { readonly registry: Address; readonly address: Address },
  at: At = {},
): Promise<string> => openContract(abi, () => entry.registry).get(client, 'getServiceURI', [entry.address], at)

/** Publishes the sender's service URI for AI jobs. */
export const setAiServiceUri = (
  client: ChainClient,
  sender: TxSender,
  entry: { readonly registry: Address; readonly serviceUri: string },
  call?: Call,
): Promise<TxResult> =>
  openContract(abi, () => entry.registry).send(client, sender, 'setServiceURI', [entry.serviceUri], call)
