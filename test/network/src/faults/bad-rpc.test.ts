import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { connectChain, DEVNET_CHAIN_ID, getOrchestrator, roundState } from '@millrace/chain'
import { devnetAddress, EmbeddedChain, preparedGenesis, preparedNetwork } from '@millrace/devnet'
import { FaultyRpc, type RpcFault } from '@millrace/devnet/testing'
import { makeTestClip } from '@millrace/media/testing'
import { describe, expect, it } from 'vitest'
import { until } from '../ledger.ts'
import { expectNothingMissing, FORMS, LONG, pushLive } from '../live-stream.ts'
import { freePorts, type NetworkForm, startTestNetwork } from '../network-fixture.ts'

/** What the nodes' only RPC does, one after the other, and for how many segments of two seconds. */
const FAULTS: readonly (readonly [RpcFault, number])[] = [
  ['none', LONG ? 2 : 1],
  ['limited', LONG ? 4 : 1],
  ['HTML', LONG ? 4 : 1],
  ['frozen', LONG ? 8 : 2],
  ['silent', LONG ? 8 : 2],
  ['none', LONG ? 6 : 1],
]

describe.each(FORMS)('a stream while the only RPC of all nodes fails, %s', (form) => {
  it('loses nothing, and the duties of the round are done once the RPC is back', { timeout: 300_000 }, async () => {
    const schedule = FAULTS.flatMap(([fault, segments]) => Array.from({ length: segments }, () => fault))
    const clip = await makeTestClip({ seconds: 2 * schedule.length, width: 640, height: 360, seed: 13 })
    const ports = await freePorts()
    await using rpc = await new FaultyRpc({ target: `http://127.0.0.1:${ports.chain}` }).start()
    await using running = await startChainAndNetwork(form, ports, rpc)
    const { network } = running
    await pushLive(network, clip, {
      onSegment: (seq) => {
        rpc.fault = schedule[seq] ?? 'none'
      },
    })
    const { faults } = rpc
    await expectNothingMissing(network, { what: 'failing RPC', segments: schedule.length, faults })
    expect(faults).toBeGreaterThan(10)

    // A new round begins: whoever still could not read the chain would miss its reward.
    const { client } = running
    const before = (await roundState(client)).lastInitializedRound
    const { startBlock, roundLength } = await roundState(client)
    const left = startBlock + roundLength - (await client.rpc.getBlockNumber({ cacheTime: 0 }))
    await client.rpc.request({ method: 'anvil_mine', params: [`0x${left.toString(16)}`] } as never)
    await until('the rewards of a new round', async () => {
      const { lastInitializedRound } = await roundState(client)
      if (lastInitializedRound <= before) return false
      const orchestrators = await Promise.all(
        (['orchestrator1', 'orchestrator2'] as const).map((name) => getOrchestrator(client, devnetAddress(name))),
      )
      return orchestrators.every(({ lastRewardRound }) => lastRewardRound === lastInitializedRound)
    })
  })
})

/** A network whose nodes reach their chain through the RPC that fails; the test reaches it directly. */
async function startChainAndNetwork(form: NetworkForm, ports: Awaited<ReturnType<typeof freePorts>>, rpc: FaultyRpc) {
  const { controller } = await preparedNetwork()
  const folder = await mkdtemp(join(tmpdir(), 'millrace-chain-'))
  const chain = new EmbeddedChain(
    { folder, host: '127.0.0.1', port: ports.chain, chainId: DEVNET_CHAIN_ID, genesis: preparedGenesis },
    { log: silentLog, onDeath: () => {} },
  )
  await chain.start()
  const network = await startTestNetwork(form, { ports, ethUrl: rpc.url })
  return {
    network: network.network,
    client: await connectChain({ url: chain.url, controller, chainId: DEVNET_CHAIN_ID }),
    [Symbol.asyncDispose]: async () => {
      rpc.fault = 'none'
      await network[Symbol.asyncDispose]()
      await chain.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
