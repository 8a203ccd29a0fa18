import { silentLog } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { connectChain, initializeRound, setServiceUri, TxSender } from '@millrace/chain'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChain, type TestChain } from './chain-fixture.ts'
import { preparedNetwork } from './genesis/prepared-genesis.ts'

let chain: TestChain

beforeAll(async () => {
  chain = await openChain()
})
afterAll(async () => chain?.[Symbol.asyncDispose]())

describe('connecting to a chain', () => {
  it('finds all contracts through the Controller', async () => {
    const { controller } = await preparedNetwork()
    const { addresses } = chain.client
    expect(addresses.controller).toBe(controller)
    expect(new Set(Object.values(addresses)).size).toBe(12)
    for (const address of Object.values(addresses))
      expect((await chain.client.rpc.getCode({ address }))?.length, address).toBeGreaterThan(2)
  })

  it('refuses another chain than the one that was meant', async () => {
    const { controller } = await preparedNetwork()
    await expect(connectChain({ url: chain.chain.url, controller, chainId: 42161 })).rejects.toMatchObject({
      code: 'wrong_chain_id',
      meta: { expected: 42161, actual: 31337 },
    })
  })

  it('refuses a Controller that is none', async () => {
    const controller = '0x00000000000000000000000000000000000000aa'
    await expect(connectChain({ url: chain.chain.url, controller })).rejects.toMatchObject({ code: 'no_contract' })
  })

  it('says which RPC does not answer, without the secrets in its URL', async () => {
    const { controller } = await preparedNetwork()
    const port = await freePort()
    const error = await connectChain({ url: `http://user:pw@127.0.0.1:${port}/key?token=t`, controller }).catch(
      (e) => e,
    )
    expect(error).toMatchObject({ code: 'rpc_unreachable', retryable: true })
    expect(error.message).toContain(`http://127.0.0.1:${port}`)
    expect(error.message).not.toMatch(/user|pw|key\?|token/)
  })
})

describe('a sender of transactions', () => {
  it('gives transactions that are sent at once a nonce each, in order', async () => {
    const sender = chain.sender('orchestrator1')
    const first = await chain.client.rpc.getTransactionCount({ address: sender.address })
    const sent = await Promise.all(
      Array.from({ length: 8 }, (_, i) => setServiceUri(chain.client, sender, `https://host${i}.example`)),
    )
    const transactions = await Promise.all(sent.map(({ hash }) => chain.client.rpc.getTransaction({ hash })))
    expect(transactions.map(({ nonce }) => nonce)).toEqual(sent.map((_, i) => first + i))
  })

  it('says that its account has no ether, and sends once it has some', async () => {
    const key = '0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318'
    const poor = new TxSender(
      { account: privateKeyToAccount(key), minGasPriceWei: 1_000_000_000n },
      { client: chain.client, log: silentLog },
    )
    const error = await setServiceUri(chain.client, poor, 'https://poor.example').catch((e) => e)
    expect(error).toMatchObject({ name: 'ChainError', message: expect.stringMatching(/insufficient funds/i) })
    await chain.rpc('anvil_setBalance', poor.address, '0xde0b6b3a7640000')
    expect((await setServiceUri(chain.client, poor, 'https://rich.example')).receipt.status).toBe('success')
  })

  it('shares an account with another process: nonces that collide are taken anew, and nothing is lost', async () => {
    const [one, two] = [chain.sender('delegator1'), chain.sender('delegator1')]
    const sent = await Promise.all(
      Array.from({ length: 6 }, (_, i) => setServiceUri(chain.client, i % 2 ? one : two, `https://twin${i}.example`)),
    )
    expect(new Set(sent.map(({ hash }) => hash)).size).toBe(6)
    expect(sent.map(({ receipt }) => receipt.status)).toEqual(sent.map(() => 'success'))
  })

  it('tells why a contract refuses, word for word', async () => {
    await expect(initializeRound(chain.client, chain.sender('orchestrator1'))).rejects.toMatchObject({
      code: 'reverted',
      meta: { reason: 'round already initialized' },
    })
  })

  it('sends what comes after a refusal', async () => {
    const sender = chain.sender('orchestrator2')
    const results = await Promise.allSettled([
      setServiceUri(chain.client, sender, 'https://a.example'),
      initializeRound(chain.client, sender),
      setServiceUri(chain.client, sender, 'https://b.example'),
      initializeRound(chain.client, sender),
      setServiceUri(chain.client, sender, 'https://c.example'),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'])
  })

  it('gives every transaction the gas that its operator names', async () => {
    const sender = chain.sender('orchestrator1', { gasLimit: 654_321n })
    const { hash } = await setServiceUri(chain.client, sender, 'https://limited.example')
    expect((await chain.client.rpc.getTransaction({ hash })).gas).toBe(654_321n)
  })

  it('offers its minimum where the chain asks less', async () => {
    const { receipt } = await setServiceUri(
      chain.client,
      chain.sender('orchestrator1', { minGasPriceWei: 7n }),
      'https://x',
    )
    expect(receipt.effectiveGasPrice).toBe(7n)
  })

  it('sends nothing while gas costs more than it would pay', async () => {
    const sender = chain.sender('orchestrator1', { minGasPriceWei: 100n, maxGasPriceWei: 99n })
    const nonce = await chain.client.rpc.getTransactionCount({ address: sender.address })
    await expect(setServiceUri(chain.client, sender, 'https://y')).rejects.toMatchObject({
      code: 'gas_price_too_high',
      retryable: true,
    })
    expect(await chain.client.rpc.getTransactionCount({ address: sender.address })).toBe(nonce)
  })

  it('tells the hash as soon as a transaction is sent, and waits no longer than it is told to', async () => {
    await chain.rpc('evm_setAutomine', false)
    try {
      const sender = chain.sender('delegator1')
      const stop = new AbortController()
      const { ticketBroker: address } = chain.client.addresses
      const hashes: string[] = []
      const { ticketBrokerAbi: abi } = await import('@millrace/contracts')
      const call = { address, abi, functionName: 'fundDeposit', args: [], value: 5n } as never
      const sending = sender.send(call, {
        signal: stop.signal,
        onSubmitted: (hash) => {
          hashes.push(hash)
          stop.abort(new Error('stopping'))
        },
      })
      await expect(sending).rejects.toMatchObject({ code: 'aborted', retryable: true })
      expect(hashes).toHaveLength(1)
    } finally {
      await chain.rpc('evm_setAutomine', true)
      await chain.mine(1)
    }
  })

  it('replaces a transaction that is not confirmed, at a higher price', async () => {
    await chain.rpc('evm_setAutomine', false)
    try {
      const sender = chain.sender('delegator2', { minGasPriceWei: 100n, timeoutMs: 150, maxReplacements: 5 })
      let first: `0x${string}` | undefined
      const { ticketBroker: address } = chain.client.addresses
      const { ticketBrokerAbi: abi } = await import('@millrace/contracts')
      const call = { address, abi, functionName: 'fundDeposit', args: [], value: 5n } as never
      const sending = sender.send(call, {
        onSubmitted: (hash) => {
          first = hash
        },
      })
      const pending = () => chain.rpc('txpool_content') as Promise<{ pending: Record<string, object> }>
      await expect
        .poll(async () => JSON.stringify(await pending()).includes('"gasPrice":"0x6f"'), { timeout: 5_000 })
        .toBe(true)
      await chain.mine(1)
      const { hash, receipt } = await sending
      expect(hash).not.toBe(first)
      expect(receipt.effectiveGasPrice).toBeGreaterThanOrEqual(111n)
    } finally {
      await chain.rpc('evm_setAutomine', true)
    }
  })

  it('never offers more than its maximum for a replacement, and takes the first offer when it is mined', async () => {
    await chain.rpc('evm_setAutomine', false)
    try {
      const options = { minGasPriceWei: 100n, maxGasPriceWei: 110n, timeoutMs: 150, maxReplacements: 20 }
      const sending = setServiceUri(chain.client, chain.sender('delegator4', options), 'https://capped')
      await new Promise((resolve) => setTimeout(resolve, 700))
      await chain.mine(1)
      expect((await sending).receipt.effectiveGasPrice).toBe(100n)
    } finally {
      await chain.rpc('evm_setAutomine', true)
    }
  })

  it('replaces one transaction as often as it takes, at what the network asks by then', async () => {
    await chain.rpc('evm_setAutomine', false)
    try {
      const sender = chain.sender('delegator3', { minGasPriceWei: 100n, timeoutMs: 100, maxReplacements: 0 })
      const { livepeerToken } = await import('@millrace/chain')
      const approval = { spender: chain.client.addresses.bondingManager, amount: 1n }
      const call = { maxReplacements: Number.POSITIVE_INFINITY }
      const sending = livepeerToken.approve(chain.client, sender, approval, call)
      const offered = async () => {
        const { pending } = (await chain.rpc('txpool_content')) as { pending: Record<string, Record<string, never>> }
        const [account] = Object.entries(pending)
          .find(([key]) => key.toLowerCase() === sender.address)!
          .slice(1)
        return Number((Object.values(account as object)[0] as { gasPrice: string }).gasPrice)
      }
      await expect.poll(offered, { timeout: 5_000 }).toBeGreaterThan(123)
      await chain.rpc('anvil_setNextBlockBaseFeePerGas', '0x2710')
      await expect.poll(offered, { timeout: 5_000 }).toBeGreaterThan(10_000)
      await chain.mine(1)
      expect((await sending).receipt.effectiveGasPrice).toBeGreaterThan(10_000n)
    } finally {
      await chain.rpc('anvil_setNextBlockBaseFeePerGas', '0x0')
      await chain.rpc('evm_setAutomine', true)
    }
  })

  it('sends a transaction again that the network has lost', async () => {
    await chain.rpc('evm_setAutomine', false)
    try {
      const hashes: string[] = []
      const { livepeerToken } = await import('@millrace/chain')
      const sending = livepeerToken.approve(
        chain.client,
        chain.sender('delegator4'),
        { spender: chain.client.addresses.bondingManager, amount: 1n },
        { onSubmitted: (hash) => void hashes.push(hash) },
      )
      await expect.poll(() => hashes.length).toBe(1)
      await chain.rpc('anvil_dropTransaction', hashes[0])
      expect(await chain.rpc('eth_getTransactionByHash', hashes[0])).toBeNull()
      await expect.poll(() => chain.rpc('eth_getTransactionByHash', hashes[0]), { timeout: 5_000 }).not.toBeNull()
      await chain.mine(1)
      expect((await sending).hash).toBe(hashes[0])
    } finally {
      await chain.rpc('evm_setAutomine', true)
    }
  })

  it('goes on with the right nonce on a chain that went back', async () => {
    const sender = chain.sender('orchestrator2')
    const snapshot = await chain.rpc('evm_snapshot')
    for (const uri of ['a', 'b', 'c']) await setServiceUri(chain.client, sender, uri)
    await chain.rpc('evm_revert', snapshot)
    const nonce = await chain.client.rpc.getTransactionCount({ address: sender.address })
    const { hash } = await setServiceUri(chain.client, sender, 'd')
    expect((await chain.client.rpc.getTransaction({ hash })).nonce).toBe(nonce)
  })

  it('tells why a transaction failed that had been good when it was sent', async () => {
    await chain.mine(60)
    await chain.rpc('evm_setAutomine', false)
    try {
      const both = ['delegator1', 'delegator2'] as const
      const sending = both.map((account) => initializeRound(chain.client, chain.sender(account)))
      const settled = Promise.allSettled(sending)
      const pending = async () => ((await chain.rpc('txpool_status')) as { pending: string }).pending
      await expect.poll(pending, { timeout: 5_000 }).toBe('0x2')
      await chain.mine(1)
      const results = await settled
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(results.find((one) => one.status === 'rejected')?.reason).toMatchObject({
        code: 'transaction_failed',
        meta: { kind: 'reason', reason: 'round already initialized' },
      })
    } finally {
      await chain.rpc('evm_setAutomine', true)
    }
  })

  it('gives up on a transaction that is never confirmed', async () => {
    await chain.rpc('evm_setAutomine', false)
    try {
      const sender = chain.sender('delegator3', { timeoutMs: 50, maxReplacements: 0 })
      await expect(setServiceUri(chain.client, sender, 'https://never')).rejects.toMatchObject({
        code: 'transaction_unconfirmed',
        retryable: true,
      })
    } finally {
      await chain.rpc('evm_setAutomine', true)
      await chain.mine(1)
    }
  })
})
