import { expect, it } from 'vitest'
import { type ChainClient, getHead } from './client.ts'

const block = {
  number: '0x14000000',
  hash: `0x${'11'.repeat(32)}`,
  parentHash: `0x${'22'.repeat(32)}`,
  timestamp: '0x65000000',
}
const clientOf = (chainId: number, more: object = {}) =>
  ({ chainId, rpc: { request: async () => ({ ...block, ...more }) } }) as unknown as ChainClient

it('counts by the blocks of layer 1 where the chain tells them, else by its own', async () => {
  expect(await getHead(clientOf(42161, { l1BlockNumber: '0x10' }))).toMatchObject({
    number: 16n,
    chainNumber: 0x14000000n,
  })
  expect(await getHead(clientOf(31337))).toMatchObject({ number: 0x14000000n, chainNumber: 0x14000000n })
})

it('takes no block of Arbitrum without its number on layer 1', async () => {
  await expect(getHead(clientOf(42161))).rejects.toMatchObject({ code: 'rpc_refused', retryable: true })
})
