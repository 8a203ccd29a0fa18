import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { type ChainClient, getHead, getOrchestrator, getPool, getSenderInfo, roundState } from '@millrace/chain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectTo, embeddedChain, openFolder } from './chain-fixture.ts'
import type { EmbeddedChain } from './embedded-chain.ts'
import { GENESIS } from './genesis/accounts.ts'
import { devnetAddress } from './genesis/addresses.ts'

const NOBODY = '0x000000000000000000000000000000000000dead'

let folder: Awaited<ReturnType<typeof openFolder>>
let chains: EmbeddedChain[]

beforeEach(async () => {
  folder = await openFolder()
  chains = []
})

afterEach(async () => {
  for (const chain of chains) await chain.crash()
  await folder[Symbol.asyncDispose]()
})

function open(...options: Parameters<typeof embeddedChain> extends [string, ...infer Rest] ? Rest : never) {
  const chain = embeddedChain(folder.path, ...options)
  chains.push(chain)
  return chain
}

async function started(...options: Parameters<typeof open>): Promise<EmbeddedChain> {
  const chain = open(...options)
  await chain.start()
  return chain
}

const balance = (client: ChainClient) => client.rpc.getBalance({ address: NOBODY })
const setBalance = (client: ChainClient, wei: number) =>
  client.rpc.request({ method: 'anvil_setBalance', params: [NOBODY, `0x${wei.toString(16)}`] } as never)
const state = () => join(folder.path, 'state.json')
const previous = () => join(folder.path, 'state.previous.json')

describe('an embedded chain', () => {
  it('begins with the prepared network: two active orchestrators and a funded gateway', async () => {
    const client = await connectTo(await started())
    expect(await getPool(client)).toEqual([devnetAddress('orchestrator1'), devnetAddress('orchestrator2')])
    for (const { account, rewardCut, feeShare } of GENESIS.orchestrators)
      expect(await getOrchestrator(client, devnetAddress(account))).toMatchObject({ active: true, rewardCut, feeShare })
    expect(await getSenderInfo(client, devnetAddress('gateway'))).toMatchObject({
      deposit: GENESIS.deposit,
      reserve: { fundsRemaining: GENESIS.reserve },
    })
    expect((await roundState(client)).initialized).toBe(true)
  })

  it('makes blocks by itself', async () => {
    const client = await connectTo(await started())
    const { number } = await getHead(client)
    await expect.poll(async () => (await getHead(client)).number, { timeout: 5_000 }).toBeGreaterThan(number + 2n)
  })

  it('goes on where it was after a stop: blocks, stakes and balances', async () => {
    const chain = await started()
    const first = await connectTo(chain)
    await setBalance(first, 77)
    await expect.poll(async () => (await getHead(first)).number).toBeGreaterThan(0n)
    const { number } = await getHead(first)
    const stake = (await getOrchestrator(first, devnetAddress('orchestrator1'))).stake
    await chain.stop()
    await chain.start()
    const second = await connectTo(chain)
    expect((await getHead(second)).number).toBeGreaterThanOrEqual(number)
    expect(await balance(second)).toBe(77n)
    expect((await getOrchestrator(second, devnetAddress('orchestrator1'))).stake).toBe(stake)
  })

  it('can be asked for several dumps at once', async () => {
    const chain = await started()
    await setBalance(await connectTo(chain), 5)
    await Promise.all([chain.dump(), chain.dump(), chain.dump()])
    await chain.crash()
    expect(await balance(await connectTo(await started()))).toBe(5n)
  })

  it('goes on from its last dump after a crash', async () => {
    const chain = await started()
    const client = await connectTo(chain)
    await setBalance(client, 1)
    await chain.dump()
    await setBalance(client, 2)
    await chain.crash()
    expect(await balance(await connectTo(await started()))).toBe(1n)
  })

  it('saves itself again and again, also after a restart', async () => {
    const chain = await started({ dumpEveryMs: 50 })
    await chain.crash()
    await chain.start()
    const client = await connectTo(chain)
    for (const wei of [5, 6]) {
      await setBalance(client, wei)
      // The balance stands in the dump as hex of the account.
      const saved = async () =>
        (JSON.parse(await readFile(state(), 'utf8')) as { accounts: Record<string, { balance: string }> }).accounts[
          NOBODY
        ]
      await expect
        .poll(async () => Number((await saved().catch(() => undefined))?.balance), { timeout: 10_000 })
        .toBe(wei)
    }
  })

  it('tells when it dies, also after a restart', async () => {
    const deaths: Error[] = []
    const chain = await started({}, (error) => deaths.push(error))
    await chain.crash()
    expect(deaths).toEqual([])
    await chain.start()
    process.kill(chain.pid!, 'SIGKILL')
    await expect.poll(() => deaths.length).toBe(1)
    expect(deaths[0]).toMatchObject({ code: 'chain_failed', message: expect.stringContaining('SIGKILL') })
  })

  it('ends the anvil that a killed run left behind', async () => {
    const deaths: Error[] = []
    const killed = await started({}, (error) => deaths.push(error))
    const { pid } = killed
    const next = await started()
    await expect.poll(() => deaths.length).toBe(1)
    expect(next.pid).not.toBe(pid)
    expect((await connectTo(next)).chainId).toBe(31337)
  })

  it('leaves a process alone that is no anvil, whatever the file says', async () => {
    await writeFile(join(folder.path, 'anvil.pid'), String(process.pid))
    await started()
  })
})

describe('a damaged state', () => {
  async function withTwoDumps(): Promise<void> {
    const chain = await started()
    const client = await connectTo(chain)
    await setBalance(client, 1)
    await chain.dump()
    await setBalance(client, 2)
    await chain.dump()
    await chain.crash()
  }

  it.each([
    ['cut short', (whole: string) => whole.slice(0, whole.length / 2)],
    ['empty', () => ''],
    ['of something else', () => '{"accounts": 5}'],
  ])('%s gives way to the dump before it', async (_, damage) => {
    await withTwoDumps()
    await writeFile(state(), damage(await readFile(state(), 'utf8')))
    expect(await balance(await connectTo(await started()))).toBe(1n)
  })

  it('is never the only one kept: the good dump outlives the first save after it', async () => {
    await withTwoDumps()
    await writeFile(state(), 'damaged')
    const chain = await started()
    await chain.dump()
    await chain.crash()
    for (const path of [state(), previous()])
      expect(JSON.parse(await readFile(path, 'utf8'))).toHaveProperty('accounts')
  })

  it('without a good one beside it says how to start anew', async () => {
    await withTwoDumps()
    for (const path of [state(), previous()]) await writeFile(path, 'damaged')
    await expect(open().start()).rejects.toMatchObject({
      code: 'chain_state_damaged',
      message: expect.stringContaining('--fresh'),
    })
    expect(await readFile(state(), 'utf8')).toBe('damaged')
  })
})

describe('a busy port', () => {
  let server: Server
  afterEach(() => new Promise((resolve) => server.close(resolve)))

  it('names itself and its flag', async () => {
    server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    await expect(open({ port }).start()).rejects.toMatchObject({
      code: 'port_in_use',
      message: expect.stringMatching(new RegExp(`${port}.*--chain-port`)),
      meta: { port, flag: '--chain-port' },
    })
  })
})
