import { RpcPool } from '@millrace/chain'
import { failed, type Outcome, ok, warning } from '../finding.ts'

const OLD_MS = 60_000
const DEAD_MS = 10 * 60_000
const SLOW_MS = 1_000
/** Where block numbers of the protocol are those of the chain below. */
const ARBITRUM_CHAIN_ID = 42161

type RawBlock = { readonly number: string; readonly timestamp: string; readonly l1BlockNumber?: string }

/** One RPC: whether it answers, for which chain, how fast, and how old its latest block is. Its URL is shown by host only. */
export async function rpc(url: string, expectedChainId: number | undefined): Promise<Outcome> {
  const pool = new RpcPool({ urls: [url], chainId: undefined, timeoutMs: 5_000 })
  // The first request opens the connection: what counts is the second.
  const chainId = Number(await pool.request({ method: 'eth_chainId' }, { patienceMs: 1 }))
  const began = performance.now()
  const block = (await pool.request(
    { method: 'eth_getBlockByNumber', params: ['latest', false] },
    { patienceMs: 1 },
  )) as RawBlock
  const latencyMs = Math.round(performance.now() - began)
  const ageMs = Date.now() - Number(BigInt(block.timestamp)) * 1000
  const facts = { chainId, block: Number(BigInt(block.number)), blockAgeMs: ageMs, latencyMs }
  const seen = `chain ${chainId}, block ${facts.block} is ${(Math.max(0, ageMs) / 1000).toFixed(0)} s old, answers in ${latencyMs} ms`
  if (expectedChainId !== undefined && chainId !== expectedChainId)
    return failed(`${seen}; this network is chain ${expectedChainId}`, 'name the URL of the right chain with -ethUrl', {
      facts,
    })
  if (ageMs > DEAD_MS) return failed(seen, 'this RPC stands still: name another one with -ethUrl', { facts })
  if (ageMs > OLD_MS)
    return warning(seen, 'this RPC lags behind: name a second one in -ethUrl, with a comma between them', { facts })
  if (chainId === ARBITRUM_CHAIN_ID && block.l1BlockNumber === undefined)
    return failed(
      `${seen}; its blocks tell no l1BlockNumber`,
      'rounds and tickets are counted by it: name an RPC of Arbitrum that passes it on',
      { facts },
    )
  if (latencyMs > SLOW_MS) return warning(seen, 'that is slow: name a nearer RPC first in -ethUrl', { facts })
  return ok(seen, { facts })
}
