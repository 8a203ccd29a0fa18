import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, openLog } from '@millrace/base/node'
import { Network, type NetworkPorts, type StartNetworkOptions } from '@millrace/devnet'

/** The two forms in which the same roles run. */
export type NetworkForm = 'one process' | 'a process each'

const PROGRAM = fileURLToPath(new URL('../../../apps/cli/bin/millrace.js', import.meta.url))

/** Ports that are free at this moment. */
export async function freePorts(): Promise<NetworkPorts> {
  const taken = new Set<number>()
  const next = async (): Promise<number> => {
    const port = await freePort()
    if (taken.has(port)) return next()
    taken.add(port)
    return port
  }
  return {
    web: await next(),
    rtmp: await next(),
    gatewayHttp: await next(),
    gatewayCli: await next(),
    orchestrators: [await next(), await next()],
    orchestratorCli: [await next(), await next()],
    workerCli: [await next(), await next()],
    redeemers: [await next(), await next()],
    redeemerCli: [await next(), await next()],
    chain: await next(),
  }
}

/** A network of its own for one test, in a folder that is removed afterwards. */
export async function startTestNetwork(
  form: NetworkForm,
  options: Partial<StartNetworkOptions> = {},
): Promise<{ network: Network; folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-network-'))
  const network = await Network.start(
    {
      dataFolder: folder,
      ports: await freePorts(),
      ...(form === 'a process each' ? { processes: { program: PROGRAM } } : {}),
      // What is tested is the network; the cheapest encoder leaves the time to it.
      preset: 'ultrafast',
      ...options,
    },
    { log: openLog({ level: 'warn', file: join(folder, 'logs', 'test.log') }) },
  )
  return {
    network,
    folder,
    [Symbol.asyncDispose]: async () => {
      await network.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
