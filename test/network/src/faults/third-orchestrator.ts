import { silentLog } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { bondingManager, initializeRound, roundState, serviceRegistry, TxSender } from '@millrace/chain'
import { devnetAddress, devnetKeyHex, type Network } from '@millrace/devnet'
import type { OrchestratorConfig } from '@millrace/node'
import { nodeId } from '@millrace/wire'
import { privateKeyToAccount } from 'viem/accounts'
import { until } from '../ledger.ts'

/** A delegator of the embedded network, which turns its stake to itself. */
const ACCOUNT = 'delegator3'
const HOST = '127.0.0.1'
const PERC = 10_000n

/**
 * Adds `orchestrator-3`, which redeems its own tickets, with a worker as the others have one: in its node, or `worker-3` in a process of its own.
 * Resolves once it is active and its service URI stands on the chain.
 */
export async function addThirdOrchestrator(network: Network): Promise<void> {
  const like = network.config('orchestrator-1')
  const { client } = network
  if (!like?.orchestrator || !client) throw new Error('the network has no chain')
  const { redeemerUri: _, ...orchestrator } = like.orchestrator
  const port = await freePort()
  const serviceUri = `https://${HOST}:${port}`
  const id = nodeId('orchestrator-3')
  const folder = (name: string) => like.folder.replace('orchestrator-1', name)

  const self = new TxSender({ account: privateKeyToAccount(devnetKeyHex(ACCOUNT)) }, { client, log: silentLog })
  const address = devnetAddress(ACCOUNT)
  await bondingManager.bond(client, self, { amount: 0n, to: address })
  await bondingManager.setCuts(client, self, { rewardCut: 10n * PERC, feeShare: 50n * PERC })
  const { startBlock, roundLength } = await roundState(client)
  const blocks = startBlock + roundLength - (await client.rpc.getBlockNumber({ cacheTime: 0 }))
  if (blocks > 0n) await client.rpc.request({ method: 'anvil_mine', params: [`0x${blocks.toString(16)}`] } as never)
  // One of the orchestrators may be the first to do it.
  await initializeRound(client, self).catch(() => {})

  const ofNode: OrchestratorConfig = { ...orchestrator, serviceUri, listen: { host: HOST, port } }
  await network.add({
    account: ACCOUNT,
    config: {
      ...like,
      nodeId: id,
      folder: folder(id),
      operator: { host: HOST, port: await freePort() },
      orchestrator: ofNode,
      ...(like.worker && { worker: { ...like.worker, workerId: nodeId('worker-3') } }),
    },
  })
  const worker = network.config('worker-1')
  const secret = orchestrator.workerSecret
  if (worker?.worker && secret !== undefined)
    await network.add({
      account: undefined,
      config: {
        ...worker,
        nodeId: nodeId('worker-3'),
        folder: folder('worker-3'),
        operator: { host: HOST, port: await freePort() },
        worker: {
          ...worker.worker,
          workerId: nodeId('worker-3'),
          orchestrator: { uri: serviceUri, secret, nodeId: id },
        },
      },
    })
  await until(
    'orchestrator-3 to be active',
    async () =>
      (await bondingManager.isActive(client, address)) &&
      (await serviceRegistry.getServiceUri(client, address)) === serviceUri,
  )
}
