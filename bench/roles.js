// Every role in a process of its own: processor time per segment beyond what it takes to be idle, and memory.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { Network } from '@millrace/devnet'
import { makeTestClip } from '@millrace/media/testing'
import { bound, cpuSeconds, residentBytes, spread, summary, table } from './measure.js'

const ROUNDS = 5

export async function bench({ quick, root }) {
  const perRound = quick ? 2 : 6
  const idleSeconds = quick ? 3 : 10
  const clip = await makeTestClip({ seconds: 16, width: 1280, height: 720 })
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const program = join(root, 'apps/cli/bin/millrace.js')
  const network = await Network.start(
    { dataFolder: folder, ports: await freePorts(), processes: { program } },
    { log: silentLog },
  )
  try {
    const nodes = ['gateway', 'orchestrator-1', 'orchestrator-2', 'worker-1', 'worker-2', 'redeemer-1', 'redeemer-2']
    const pids = () => ({
      ...Object.fromEntries(nodes.map((name) => [name, network.pid(name)])),
      'chain (anvil)': network.embeddedChain?.pid,
    })
    const cpu = () => Object.fromEntries(Object.entries(pids()).map(([name, pid]) => [name, cpuSeconds(pid)]))
    const names = Object.keys(pids())
    let seq = 0
    const push = async () => {
      const { data } = clip.segments[seq % clip.segments.length]
      const response = await fetch(`${network.gatewayUrl}/live/bench/${seq++}.ts`, { method: 'POST', body: data })
      await response.arrayBuffer()
      if (!response.ok) throw new Error(`the gateway answered ${response.status}`)
    }
    // Both orchestrators have had a segment, so that compilers and caches are warm.
    for (let i = 0; i < 4; i++) await push()
    const atRest = cpu()
    await sleep(idleSeconds * 1000)
    const rested = cpu()
    const idle = Object.fromEntries(names.map((name) => [name, (rested[name] - atRest[name]) / idleSeconds]))

    const perSegment = Object.fromEntries(names.map((name) => [name, []]))
    for (let round = 0; round < ROUNDS; round++) {
      const before = cpu()
      const began = performance.now()
      for (let i = 0; i < perRound; i++) await push()
      const seconds = (performance.now() - began) / 1000
      const after = cpu()
      for (const name of names)
        perSegment[name].push(Math.max(0, after[name] - before[name] - idle[name] * seconds) / perRound)
      console.log(`  round ${round + 1} of ${ROUNDS}: ${perRound} segments in ${seconds.toFixed(1)} s`)
    }
    const { totals } = network.hub.view()
    if (totals.fallback + totals.missing > 0) throw new Error('a segment was lost, so the figures mean nothing')
    // What two of a kind did together, because they share the segments.
    const groups = {
      gateway: ['gateway'],
      orchestrators: ['orchestrator-1', 'orchestrator-2'],
      'workers with their media processes': ['worker-1', 'worker-2'],
      redeemers: ['redeemer-1', 'redeemer-2'],
      'chain (anvil)': ['chain (anvil)'],
    }
    const sum = (members, values) => members.reduce((total, name) => total + values[name], 0)
    const current = pids()
    const rss = Object.fromEntries(names.map((name) => [name, residentBytes(current[name])]))
    table(
      ['role', 'ms of processor a segment', 'idle, ms a second', `MB resident after ${seq} segments`],
      Object.entries(groups).map(([group, members]) => [
        group,
        spread(
          Array.from({ length: ROUNDS }, (_, round) =>
            members.reduce((total, name) => total + perSegment[name][round] * 1000, 0),
          ),
          0,
        ),
        (sum(members, idle) * 1000).toFixed(0),
        members.map((name) => (rss[name] / 1e6).toFixed(0)).join(' + '),
      ]),
    )
    console.log(
      `  median (least to most) of ${ROUNDS} rounds of ${perRound} segments, 720p30, default ladder, veryfast`,
    )
    for (const name of ['gateway', 'orchestrator-1', 'orchestrator-2'])
      bound(`processor time of ${name} a segment`, summary(perSegment[name]).median * 1000, 100, 'ms')
  } finally {
    await network.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function freePorts() {
  const taken = new Set()
  const next = async () => {
    const port = await freePort()
    if (taken.has(port)) return next()
    taken.add(port)
    return port
  }
  const two = async () => [await next(), await next()]
  return {
    web: await next(),
    rtmp: await next(),
    gatewayHttp: await next(),
    gatewayCli: await next(),
    orchestrators: await two(),
    orchestratorCli: await two(),
    workerCli: await two(),
    redeemers: await two(),
    redeemerCli: await two(),
    chain: await next(),
  }
}
