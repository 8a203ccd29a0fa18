import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { silentLog } from '@millrace/base'
import { Network, type NetworkPorts, type StartNetworkOptions } from '@millrace/devnet'

const WEB_FOLDER = fileURLToPath(new URL('../../apps/web/dist/', import.meta.url))

/** A network in this process with the built page, in a folder that goes with it. */
export async function startNetwork(
  options: { readonly ports: NetworkPorts } & Pick<
    StartNetworkOptions,
    'offchain' | 'source' | 'ladder' | 'preset' | 'gateway' | 'distribute' | 'aiModels'
  >,
): Promise<{ readonly network: Network; readonly url: string } & AsyncDisposable> {
  if (!existsSync(join(WEB_FOLDER, 'index.html'))) throw new Error('the page is not built: run npm run build first')
  const folder = await mkdtemp(join(tmpdir(), 'millrace-browser-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const network = await Network.start({ dataFolder: folder, webFolder: WEB_FOLDER, ...options }, { log: silentLog })
    return {
      network,
      url: `http://127.0.0.1:${options.ports.web}`,
      [Symbol.asyncDispose]: async () => {
        await network.stop()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Asks again until the answer is true; throws with what was waited for. */
export async function until(what: string, limitMs: number, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const began = Date.now(); !(await condition()); await sleep(100))
    if (Date.now() - began > limitMs) throw new Error(`waited ${limitMs} ms for ${what}`)
}
