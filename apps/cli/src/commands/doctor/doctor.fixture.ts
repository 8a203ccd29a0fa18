import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { connectChain } from '@millrace/chain'
import { encryptKey } from '@millrace/chain/node'
import { priceFeedStandInAbi as abi } from '@millrace/contracts'
import { priceFeedStandInBytecode as bytecode } from '@millrace/contracts/bytecode'
import {
  type DevnetAccount,
  devnetAddress,
  devnetKey,
  devnetKeyHex,
  EmbeddedChain,
  preparedGenesis,
  preparedNetwork,
} from '@millrace/devnet'
import { EventHub, type NodeConfig, type OrchestratorConfig, type RunningNode, startNode } from '@millrace/node'
import { type Address, nodeId } from '@millrace/wire'
import { createWalletClient } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

export const PASSWORD = 'open, please'

/** A folder for a test, the embedded chain with its contracts, key files, and real orchestrators. */
export async function openSetup(chainId = 31337) {
  const home = mkdtempSync(join(tmpdir(), 'millrace-doctor-test-'))
  const { controller } = await preparedNetwork()
  const chainFolder = join(home, 'chain')
  mkdirSync(chainFolder)
  const chain = new EmbeddedChain(
    {
      ...{ folder: chainFolder, host: '127.0.0.1', port: 0, chainId, genesis: preparedGenesis },
      ...{ blockTimeMs: 500, dumpEveryMs: 60_000 },
    },
    { log: silentLog, onDeath: () => {} },
  )
  await chain.start()
  const nodes: RunningNode[] = []
  const keystore = async (account: DevnetAccount): Promise<string> => {
    const folder = join(home, `keys-${account}`)
    mkdirSync(folder, { recursive: true })
    const json = JSON.stringify(await encryptKey(devnetKey(account), PASSWORD, { n: 1024 }))
    writeFileSync(join(folder, `UTC--2024-01-01T00-00-00.000000000Z--${devnetAddress(account).slice(2)}`), json)
    return folder
  }
  return {
    home,
    url: chain.url,
    controller,
    keystore,
    /** The flags of an account on this chain. */
    account: async (account: DevnetAccount): Promise<readonly string[]> => [
      ...['-network', 'devnet', '-ethUrl', chain.url, '-ethKeystorePath', await keystore(account)],
      ...['-ethPassword', PASSWORD, '-dataDir', join(home, `data-${account}`)],
    ],
    /** Sends a request to the chain as it is. */
    rpc: async (method: string, ...params: unknown[]): Promise<void> => {
      await fetch(chain.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      })
    },
    /** Puts a price feed on the chain that has given an answer with eight decimals. */
    openFeed: async (description: string, answer: bigint): Promise<Address> => {
      const account = privateKeyToAccount(devnetKeyHex('deployer'))
      const { rpc, pool } = await connectChain({ url: chain.url, controller, chainId })
      const wallet = createWalletClient({ account, chain: rpc.chain, transport: pool.transport() })
      const common = { abi, account, chain: null, gasPrice: 1n } as const
      const made = await wallet.deployContract({ ...common, bytecode, args: [description, 8] })
      const { contractAddress } = await rpc.waitForTransactionReceipt({ hash: made, pollingInterval: 50 })
      const call = { address: contractAddress!, functionName: 'setAnswer', args: [answer] } as const
      const hash = await wallet.writeContract({ ...common, ...call })
      await rpc.waitForTransactionReceipt({ hash, pollingInterval: 50 })
      return contractAddress!.toLowerCase() as Address
    },
    /** Starts an orchestrator that gateways of this chain find, in this process. */
    startOrchestrator: async (
      account: DevnetAccount,
      more: Partial<OrchestratorConfig> = {},
    ): Promise<{ readonly node: RunningNode; readonly uri: string }> => {
      const port = await freePort()
      const uri = `https://127.0.0.1:${port}`
      const config: NodeConfig = {
        nodeId: nodeId(account),
        folder: mkdtempSync(join(home, 'node-')),
        network: { kind: 'chain', ethUrl: chain.url, controller, chainId, pollMs: 200, payments: 'devnet' },
        keystore: { path: await keystore(account) },
        keystorePassword: PASSWORD,
        operator: { host: '127.0.0.1', port: 0 },
        orchestrator: {
          ...{ serviceUri: uri, listen: { host: '127.0.0.1', port }, pricePerPixel: { num: 1n, den: 100n } },
          ...{ maxSessions: 5, callReward: true, initializeRounds: true, workerSecret: 'unused' },
          ...more,
        },
      }
      const node = await startNode(config, { hub: new EventHub(), log: silentLog })
      nodes.push(node)
      return { node, uri }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(nodes.map((node) => node.stop()))
      await chain.crash()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

export type Setup = Awaited<ReturnType<typeof openSetup>>
