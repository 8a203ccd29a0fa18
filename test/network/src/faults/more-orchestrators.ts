import { silentLog } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { bondingManager, serviceRegistry, TxSender } from '@millrace/chain'
import { type DevnetAccount, devnetAddress, devnetKeyHex, type Network } from '@millrace/devnet'
import { nextRound } from '@millrace/devnet/testing'
import type { OrchestratorConfig } from '@millrace/node'
import { nodeId } from '@millrace/wire'
import { privateKeyToAccount } from 'viem/accounts'
import { until } from '../ledger.ts'

const HOST = '127.0.0.1'
const PERC = 10_000n

/** A delegator of the embedded network that turns its stake to itself, and the number of its orchestrator. */
export type NewOrchestrator = { readonly account: DevnetAccount; readonly number: number }

/**
 * Adds `orchestrator-3`, which redeems its own tickets, with a worker as the others have one: in its node, or `worker-3` in a process of its own.
 * Resolves once it is active and its service URI stands on the chain.
 */
export const addThirdOrchestrator = (network: Network): Promise<void> =>
  addOrchestrator(network, { account: 'delegator3', number: 3 })

/** The same for any delegator and number. */
export async function addOrchestrator(network: Network, { account, number }: NewOrchestrator): Promise<void> {
  const like = network.config('orchestrator-1')
  const { client } = network
  if (!like?.orchestrator || !client) throw new Error('the network has no chain')
  const { redeemerUri: _, ...orchestrator } = like.orchestrator
  const port = await freePort()
  const serviceUri = `https://${HOST}:${port}`
  const id = nodeId(`orchestrator-${number}`)
  const workerId = nodeId(`worker-${number}`)
  const folder = (name: string) => like.folder.replace('orchestrator-1', name)

  const self = new TxSender({ account: privateKeyToAccount(devnetKeyHex(account)) }, { client, log: silentLog })
  const address = devnetAddress(account)
  await bondingManager.bond(client, self, { amount: 0n, to: address })
  await bondingManager.setCuts(client, self, { rewardCut: 10n * PERC, feeShare: 50n * PERC })
  await nextRound(client, self)

  const ofNode: OrchestratorConfig = { ...orchestrator, serviceUri, listen: { host: HOST, port } }
  await network.add({
    account,
    config: {
      ...like,
      nodeId: id,
      folder: folder(id),
      operator: { host: HOST, port: await freePort() },
      orchestrator: ofNode,
      ...(like.worker && { worker: { ...like.worker, workerId } }),
    },
  })
  const worker = network.config('worker-1')
  const secret = orchestrator.workerSecret
  if (worker?.worker && secret !== undefined)
    await network.add({
      account: undefined,
      config: {
        ...worker,
        nodeId: workerId,
        folder: folder(workerId),
        operator: { host: HOST, port: await freePort() },
        worker: {
          ...worker.worker,
          workerId,
          orchestrator: { uri: serviceUri, secret, nodeId: id },
        },
      },
    })
  await until(
    `${id} to be active`,
    async () =>
      (await bondingManager.isActive(client, address)) &&
      (await serviceRegistry.getServiceUri(client, address)) === serviceUri,
  )
}
