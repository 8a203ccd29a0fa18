import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openLog } from '@millrace/base/node'
import { freeNetworkPorts, Network, type StartNetworkOptions } from '@millrace/devnet'

export { freeNetworkPorts as freePorts } from '@millrace/devnet'

/** The two forms in which the same roles run. */
export type NetworkForm = 'one process' | 'a process each'

/** The built program that processes run. */
export const PROGRAM = fileURLToPath(new URL('../../../apps/cli/bin/millrace.js', import.meta.url))

/** A network of its own for one test, in a folder that is removed afterwards. */
export async function startTestNetwork(
  form: NetworkForm,
  options: Partial<StartNetworkOptions> = {},
): Promise<{ network: Network; folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-network-'))
  const network = await Network.start(
    {
      dataFolder: folder,
      ports: await freeNetworkPorts(),
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
