import { freePort } from '@millrace/base/node'
import type { NetworkPorts } from './network-plan.ts'

/** Ports that nobody uses at this moment, for a network that only its starter needs to find. */
export async function freeNetworkPorts(): Promise<NetworkPorts> {
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
