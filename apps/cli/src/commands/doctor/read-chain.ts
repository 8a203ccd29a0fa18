import type { Wei } from '@millrace/base'
import { type ChainClient, ChainError } from '@millrace/chain'
import { DEVNET_GAS_PRICE_WEI } from '@millrace/payments'
import type { Address } from '@millrace/wire'
import type { ChainConfig } from './subject.ts'

/** What an account has, in wei. */
export const balanceOf = (client: ChainClient, address: Address): Promise<Wei> =>
  asking(() => client.rpc.getBalance({ address }), 'reading a balance')

/** What a unit of gas costs a node of this network now, in wei: the chain's price, but no less than the node offers. */
export async function gasPriceOf(client: ChainClient, network: ChainConfig): Promise<Wei> {
  const price = await asking(() => client.rpc.getGasPrice(), 'reading the gas price')
  const least = network.transactions?.minGasPriceWei ?? (network.payments === 'devnet' ? DEVNET_GAS_PRICE_WEI : 0n)
  return price > least ? price : least
}

/** The library's errors hold the URL of the RPC, which may be a secret. */
async function asking<T>(ask: () => Promise<T>, what: string): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    throw new ChainError('rpc_unreachable', `no Ethereum RPC answers while ${what}: see the checks of the RPCs`, {
      cause,
      retryable: true,
    })
  }
}
