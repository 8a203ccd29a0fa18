import { serviceRegistryAbi as abi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type At, read } from './read.ts'

/** The URI under which an orchestrator can be reached; empty when it never set one. */
export const getServiceUri = (client: ChainClient, address: Address, at: At = {}): Promise<string> =>
  read(client, { address: client.addresses.serviceRegistry, abi, functionName: 'getServiceURI', args: [address] }, at)

/** Publishes the sender's service URI. */
export const setServiceUri = (
  client: ChainClient,
  sender: TxSender,
  serviceUri: string,
  options?: { signal?: AbortSignal | undefined },
): Promise<TxResult> =>
  sender.send(
    { address: client.addresses.serviceRegistry, abi, functionName: 'setServiceURI', args: [serviceUri] },
    options,
  )
