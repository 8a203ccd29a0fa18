import { type Address, type Client, getAddress, type Hex, pad } from 'viem'
import { aliasedSenderStandInDeployedBytecode, retryablesStandInDeployedBytecode } from './generated/bytecode.ts'

/** Where chains of the Arbitrum kind keep messages from layer 1. */
export const retryablesAddress: Address = '0x000000000000000000000000000000000000006e'

const OFFSET = BigInt('0x1111000000000000000000000000000000001111')

/** The sender that layer 2 sees in messages of a layer 1 account. */
export function aliasOf(l1Sender: Address): Address {
  const sum = BigInt.asUintN(160, BigInt(l1Sender) + OFFSET)
  return getAddress(`0x${sum.toString(16).padStart(40, '0')}`)
}

/** Puts a stand-in for Arbitrum's retryable tickets on a development chain; only `relayer` can deliver messages to it. */
export async function installRetryables(client: Client, { relayer }: { readonly relayer: Address }): Promise<void> {
  await nodeCall(client, 'anvil_setCode', [retryablesAddress, retryablesStandInDeployedBytecode])
  await nodeCall(client, 'anvil_setStorageAt', [retryablesAddress, pad('0x0'), pad(relayer)])
}

/** Puts code at the alias of a layer 1 sender, by which its messages come from there. */
export async function installAliasedSender(client: Client, alias: Address): Promise<void> {
  await nodeCall(client, 'anvil_setCode', [alias, aliasedSenderStandInDeployedBytecode])
}

const nodeCall = (client: Client, method: string, params: readonly Hex[]) =>
  client.request({ method: method as never, params: params as never })
