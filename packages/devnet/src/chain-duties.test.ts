import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { bondingManager, getOrchestrator, initializeRound, roundState } from '@millrace/chain'
import { openKeystore } from '@millrace/chain/node'
import { EventHub, type NodeConfig, type RunningNode, startNode, type TransactionConfig } from '@millrace/node'
import { DEVNET_PRICE_PER_PIXEL } from '@millrace/payments'
import { type Address, type NodeEvent, type NodeEventOf, nodeId } from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openChain, openFolder, type TestChain } from './chain-fixture.ts'
import { type DevnetAccount, devnetKey } from './genesis/accounts.ts'
import { devnetAddress } from './genesis/addresses.ts'

const ROUND = 60
const ADDRESS = devnetAddress('orchestrator1')

let chain: TestChain
let folder: Awaited<ReturnType<typeof openFolder>>
let events: NodeEvent[]
let node: RunningNode | undefined

beforeEach(async () => {
  chain = await openChain()
  folder = await openFolder()
  events = []
})
afterEach(async () => {
  await node?.stop()
  node = undefined
  await chain[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** An orchestrator without workers: it has its duties all the same. */
async function openNode(
  duties: { callReward: boolean; initializeRounds: boolean; initializeRoundMaxDelayMs?: number; address?: Address },
  account: DevnetAccount = 'orchestrator1',
  transactions: TransactionConfig = {},
): Promise<void> {
  const hub = new EventHub()
  hub.listen((event) => events.push(event))
  await openKeystore(join(folder.path, 'keystore'), 'password', { create: devnetKey(account), n: 1024 })
  const listen = { host: '127.0.0.1', port: 0 }
  const config: NodeConfig = {
    nodeId: nodeId('o'),
    folder: folder.path,
    network: {
      kind: 'chain',
      ethUrl: chain.chain.url,
      controller: chain.client.addresses.controller,
      chainId: 31337,
      pollMs: 20,
      payments: 'devnet',
      transactions,
    },
    keystorePassword: 'password',
    operator: listen,
    orchestrator: {
      serviceUri: 'https://127.0.0.1:8935',
      listen,
      pricePerPixel: DEVNET_PRICE_PER_PIXEL,
      maxSessions: 1,
      ...duties,
    },
  }
  node = await startNode(config, { hub, log: silentLog })
}

const told = <Type extends NodeEvent['type']>(type: Type) =>
  events.filter((event): event is NodeEventOf<Type> & NodeEvent => event.type === type)
const round = async () => (await roundState(chain.client)).currentRound
/** Makes blocks until something has happened; a node looks at each. */
async function mineUntil(condition: () => boolean | Promise<boolean>, blocks = 40): Promise<void> {
  for (let i = 0; i < blocks; i++) {
    if (await condition()) return
    await chain.mine(1)
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  expect(await condition()).toBe(true)
}

it('an orchestrator calls reward once a round, and once more in the next', async () => {
  await openNode({ callReward: true, initializeRounds: false })
  const first = await round()
  await mineUntil(() => told('reward_called').length === 1)
  for (let i = 0; i < 5; i++) {
    await chain.mine(1)
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  expect(told('reward_called')).toHaveLength(1)
  expect(told('reward_called')[0]).toMatchObject({ orchestrator: ADDRESS, round: first.toString() })
  expect(BigInt(told('reward_called')[0]!.amountLpt)).toBeGreaterThan(0n)
  expect((await getOrchestrator(chain.client, ADDRESS)).lastRewardRound).toBe(first)

  await chain.mine(ROUND)
  await initializeRound(chain.client, chain.sender('deployer'))
  await mineUntil(() => told('reward_called').length === 2)
  expect(told('reward_called')[1]).toMatchObject({ round: (first + 1n).toString() })
})

it('a round is initialised once it has begun, and only once', async () => {
  await openNode({ callReward: false, initializeRounds: true })
  const first = await round()
  await chain.mine(ROUND)
  await mineUntil(() => told('round_initialized').length === 1)
  expect(told('round_initialized')[0]).toMatchObject({ round: (first + 1n).toString() })
  expect((await roundState(chain.client)).initialized).toBe(true)
  for (let i = 0; i < 5; i++) {
    await chain.mine(1)
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  expect(told('round_initialized')).toHaveLength(1)
  expect(told('reward_called')).toEqual([])
})

it('a round is left to faster nodes for a while, where the operator wants that', async () => {
  await openNode({ callReward: false, initializeRounds: true, initializeRoundMaxDelayMs: 10 ** 10 })
  await chain.mine(ROUND)
  for (let i = 0; i < 8; i++) {
    await chain.mine(1)
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  expect(told('round_initialized')).toEqual([])
  await node?.stop()
  await openNode({ callReward: false, initializeRounds: true, initializeRoundMaxDelayMs: 100 })
  await mineUntil(() => told('round_initialized').length === 1)
})

it('a duty that failed is tried again until it is done', async () => {
  const rich = await chain.client.rpc.getBalance({ address: ADDRESS })
  await openNode({ callReward: false, initializeRounds: true })
  await chain.rpc('anvil_setNextBlockBaseFeePerGas', '0x0')
  await chain.rpc('anvil_setBalance', ADDRESS, '0x0')
  await chain.mine(ROUND)
  for (let i = 0; i < 8; i++) {
    await chain.mine(1)
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  expect(told('round_initialized')).toEqual([])
  await chain.rpc('anvil_setBalance', ADDRESS, `0x${rich.toString(16)}`)
  await mineUntil(() => told('round_initialized').length === 1)
})

it('a reward waits while gas costs more than the maximum, and is called in the same round once it does not', async () => {
  const baseFee = (wei: number) => chain.rpc('anvil_setNextBlockBaseFeePerGas', `0x${wei.toString(16)}`)
  await baseFee(10_000)
  await chain.mine(1)
  const first = await round()
  await openNode({ callReward: true, initializeRounds: false }, 'orchestrator1', { maxGasPriceWei: 1_000n })
  for (let i = 0; i < 12; i++) {
    await baseFee(10_000)
    await chain.mine(1)
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  expect(told('reward_called')).toEqual([])
  await baseFee(0)
  await mineUntil(() => told('reward_called').length === 1)
  expect(told('reward_called')[0]).toMatchObject({ round: first.toString() })
})

describe('a node whose key is not that of the orchestrator', () => {
  it('calls reward as the reward caller that the orchestrator has named', async () => {
    const caller = devnetAddress('delegator1')
    await bondingManager.setRewardCaller(chain.client, chain.sender('orchestrator1'), caller)
    await openNode({ callReward: true, initializeRounds: false, address: ADDRESS }, 'delegator1')
    await mineUntil(() => told('reward_called').length === 1)
    expect(told('reward_called')[0]).toMatchObject({ orchestrator: ADDRESS })
    expect((await getOrchestrator(chain.client, ADDRESS)).lastRewardRound).toBe(await round())
    const { from } = await chain.client.rpc.getTransaction({ hash: told('reward_called')[0]!.txHash as `0x${string}` })
    expect(from.toLowerCase()).toBe(caller)
  })

  it('warns before the round is over when it may not call, and goes on trying', async () => {
    await openNode({ callReward: true, initializeRounds: false, address: ADDRESS }, 'delegator1')
    const warnings = () => told('warning').filter(({ code }) => code === 'reward_late')
    const { startBlock } = await roundState(chain.client)
    const late = Number(startBlock) + ROUND - 14 - Number(await chain.client.rpc.getBlockNumber())
    await chain.mine(late)
    await mineUntil(() => warnings().length === 1)
    expect(warnings()[0]!.message).toMatch(/reward of round \d+ is not called yet, and \d+ blocks are left/)
    await bondingManager.setRewardCaller(chain.client, chain.sender('orchestrator1'), devnetAddress('delegator1'))
    await mineUntil(() => told('reward_called').length === 1)
    expect(warnings()).toHaveLength(1)
  })
})
