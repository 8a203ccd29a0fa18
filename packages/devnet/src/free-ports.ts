import { randomInt } from 'node:crypto'
import { freePort, isFreePort, LOWEST_EPHEMERAL_PORT } from '@millrace/base/node'
import { DEFAULT_PORTS, type NetworkPorts } from './network-plan.ts'

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
    srt: await next(),
    gatewayHttp: await next(),
    gatewayCli: await next(),
    orchestrators: [await next(), await next()],
    orchestratorCli: [await next(), await next()],
    workerCli: [await next(), await next()],
    redeemers: [await next(), await next()],
    redeemerCli: [await next(), await next()],
    viewers: [await next(), await next()],
    chain: await next(),
  }
}

/** A value for `--port-offset` with which every port of a network is free at this moment. */
export async function freePortOffset(): Promise<number> {
  const ports: readonly number[] = Object.values(DEFAULT_PORTS).flat()
  for (;;) {
    const offset = randomInt(1_000, LOWEST_EPHEMERAL_PORT - Math.max(...ports))
    const free = await Promise.all(ports.map((port) => isFreePort(port + offset)))
    if (free.every(Boolean)) return offset
  }
}
