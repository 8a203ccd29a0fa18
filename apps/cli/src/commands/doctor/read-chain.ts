import type { Wei } from '@millrace/base'
import { type ChainClient, ChainError } from '@millrace/chain'
import type { Address } from '@millrace/wire'

/** What an account has, in wei. */
export const balanceOf = (client: ChainClient, address: Address): Promise<Wei> =>
  asking(() => client.rpc.getBalance({ address }), 'reading a balance')

/** What a unit of gas costs now, in wei; 0 where gas is free. */
export const gasPriceOf = (client: ChainClient): Promise<Wei> =>
  asking(() => client.rpc.getGasPrice(), 'reading the gas price')

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
