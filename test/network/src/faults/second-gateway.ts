import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { TxSender, ticketBroker } from '@millrace/chain'
import { openKeystore } from '@millrace/chain/node'
import { DEVNET_PASSWORD, devnetKey, devnetKeyHex, type Network } from '@millrace/devnet'
import { type RunningNode, startNode } from '@millrace/node'
import { DEVNET_DEPOSIT_WEI, DEVNET_RESERVE_WEI } from '@millrace/payments'
import { nodeId } from '@millrace/wire'
import { privateKeyToAccount } from 'viem/accounts'

/** An account of the embedded network that no node has. */
const ACCOUNT = 'delegator4'
const HOST = '127.0.0.1'

/** Starts one more gateway on the chain of a network, with a key, a deposit and a data folder of its own; it asks no webhook. */
export async function startSecondGateway(
  network: Network,
  options: { readonly folder: string; readonly ports: { readonly http: number; readonly cli: number } },
): Promise<RunningNode & { readonly url: string }> {
  const first = network.config('gateway')
  const { client } = network
  if (!first?.gateway || !client) throw new Error('the network has no chain')
  const sender = new TxSender({ account: privateKeyToAccount(devnetKeyHex(ACCOUNT)) }, { client, log: silentLog })
  const funds = { deposit: DEVNET_DEPOSIT_WEI / 10n, reserve: DEVNET_RESERVE_WEI }
  await ticketBroker.fundDepositAndReserve(client, sender, funds)
  const folder = join(options.folder, 'second-gateway')
  await openKeystore(join(folder, 'keystore'), DEVNET_PASSWORD, { create: devnetKey(ACCOUNT), n: 4096 })
  const { authWebhookUrl: _, srt: __, ...gateway } = first.gateway
  const { http, cli } = options.ports
  const node = await startNode(
    {
      ...first,
      nodeId: nodeId('gateway-2'),
      folder,
      operator: { host: HOST, port: cli },
      gateway: { ...gateway, rtmp: undefined, http: { host: HOST, port: http } },
    },
    { hub: network.hub, log: silentLog, onFatal: () => {} },
  )
  return Object.assign(node, { url: `http://${HOST}:${http}` })
}
