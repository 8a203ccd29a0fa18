// What the gateway and the orchestrator take for a segment when nothing is transcoded.
import { setTimeout as sleep } from 'node:timers/promises'
import { curve } from '@millrace/base/node'
import { bound, cpuSeconds, ownCpuSecondsOf, spread, summary, table } from '../measure.js'
import { openEchoNetwork } from './echo-network.js'

const ROUNDS = 5
const STREAMS = 4

export async function bench({ quick, root }) {
  const perStream = quick ? 10 : 25
  const idleSeconds = quick ? 3 : 10
  const network = await openEchoNetwork(root)
  try {
    const { gateway, orchestrator, worker } = network
    const meters = {
      gateway: () => ownCpuSecondsOf(gateway.pid),
      'gateway, its processes that look at pictures': () => cpuSeconds(gateway.pid) - ownCpuSecondsOf(gateway.pid),
      orchestrator: () => cpuSeconds(orchestrator.pid),
      'echoing worker': () => cpuSeconds(worker.pid),
    }
    const names = Object.keys(meters)
    const cpu = () => Object.values(meters).map((meter) => meter())
    let seq = 0
    let tickets = 0
    const round = async (count) => {
      const first = seq
      seq += count
      const streams = Array.from({ length: STREAMS }, async (_, stream) => {
        for (let i = first; i < first + count; i++) {
          const bought = await network.push(`bench-${stream}`, i)
          tickets += bought.tickets
        }
      })
      await Promise.all(streams)
    }
    // Before the first ticket: afterwards an orchestrator redeems winners, which belongs to the segments that they paid for.
    await sleep(3_000)
    const atRest = cpu()
    await sleep(idleSeconds * 1_000)
    const idle = cpu().map((seconds, i) => (seconds - atRest[i]) / idleSeconds)
    await round(perStream)
    const found = names.map(() => [])
    tickets = 0
    let wall = 0
    for (let i = 0; i < ROUNDS; i++) {
      const before = cpu()
      const began = performance.now()
      await round(perStream)
      const seconds = (performance.now() - began) / 1_000
      wall += seconds
      for (const [at, now] of cpu().entries())
        found[at].push(Math.max(0, now - before[at] - idle[at] * seconds) / (perStream * STREAMS))
    }
    const segments = ROUNDS * perStream * STREAMS
    if (tickets < segments) throw new Error(`${segments} segments were paid with ${tickets} tickets only`)
    table(
      ['role', 'ms of processor a segment', 'segments a second and core', 'idle, ms a second'],
      names.map((name, i) => [
        name,
        spread(
          found[i].map((s) => s * 1_000),
          1,
        ),
        spread(
          found[i].map((s) => 1 / Math.max(s, 1e-4)),
          0,
        ),
        (idle[i] * 1_000).toFixed(0),
      ]),
    )
    console.log(
      `  median (least to most) of ${ROUNDS} rounds of ${perStream * STREAMS} segments, ${STREAMS} streams at once, ${(tickets / segments).toFixed(1)} tickets a segment,\n` +
        `  sources of ${kB(network.sources[0].data)} kB, four renditions each, ${curve.engine} curve; ${(segments / wall).toFixed(1)} segments a second in all on this machine`,
    )
    bound('processor time of the gateway a segment', summary(found[0]).median * 1_000, 100, 'ms')
    bound('processor time of the orchestrator a segment', summary(found[2]).median * 1_000, 100, 'ms')
  } finally {
    await network.close()
  }
}

const kB = ({ length }) => (length / 1_000).toFixed(0)
