import { ChainError } from '@millrace/chain'
import { type Hash, type PublicClient, type TransactionReceipt, TransactionReceiptNotFoundError } from 'viem'

/**
 * Waits for a transaction by asking for its receipt again and again. Not viem's own waiting, which asks once for each
 * new block: on a chain that makes blocks on demand, a block can be seen before its receipts, and no other follows.
 */
export async function receiptOf(
  rpc: PublicClient,
  hash: Hash,
  { timeoutMs = 60_000, pollMs = 20 } = {},
): Promise<TransactionReceipt> {
  const end = Date.now() + timeoutMs
  for (;;) {
    try {
      return await rpc.getTransactionReceipt({ hash })
    } catch (error) {
      if (!(error instanceof TransactionReceiptNotFoundError)) throw error
    }
    if (Date.now() > end)
      throw new ChainError('transaction_unconfirmed', `transaction ${hash} was not mined in ${timeoutMs} ms`, {
        retryable: true,
        meta: { hash },
      })
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}
