import { serviceRegistryAbi as abi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, openContract } from './contract.ts'
import type { At } from './read.ts'

const { get, send } = openContract(abi, (client) => client.addresses.serviceRegistry)

/** The URI under which an orchestrator can be reached; empty when it never set one. */
export const getServiceUri = (client: ChainClient, address: Address, at: At = {}): Promise<string> =>
  get(client, 'getServiceURI', [address], at)

/** Publishes the sender's service URI. */
export const setServiceUri = (
  client: ChainClient,
  sender: TxSender,
  serviceUri: string,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setServiceURI', [serviceUri], call)
