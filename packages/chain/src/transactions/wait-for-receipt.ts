import type { Hash, TransactionReceipt } from 'viem'
import { TransactionNotFoundError, TransactionReceiptNotFoundError } from 'viem'
import type { ChainClient } from '../client.ts'
import { chainError } from '../errors.ts'

/** The receipt of a mined transaction, 'pending' while it waits, 'gone' when the chain does not know it. */
export async function transactionState(
  client: ChainClient,
  hash: Hash,
): Promise<TransactionReceipt | 'pending' | 'gone'> {
  try {
    return await client.rpc.getTransactionReceipt({ hash })
  } catch (cause) {
    if (!(cause instanceof TransactionReceiptNotFoundError)) throw chainError(cause, 'reading a receipt')
  }
  try {
    await client.rpc.getTransaction({ hash })
    return 'pending'
  } catch (cause) {
    if (cause instanceof TransactionNotFoundError) return 'gone'
    throw chainError(cause, 'reading a transaction')
  }
}
