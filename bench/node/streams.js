// What 100 open streams add to the memory of a gateway and of its orchestrator.
import { setTimeout as sleep } from 'node:timers/promises'
import { bound, residentBytes, spread, summary, table } from '../measure.js'
import { openEchoNetwork } from './echo-network.js'

const STREAMS = 100
const AT_ONCE = 4
const MB = 1_000_000

export async function bench({ quick, root }) {
  const runs = quick ? 1 : 3
  const rounds = quick ? 4 : 12
  const found = { gateway: [], orchestrator: [] }
  const grown = []
  for (let i = 0; i < runs; i++) {
    const network = await openEchoNetwork(root)
    try {
      for (let seq = 0; seq < 20; seq++) await network.push('warm', seq)
      await sleep(2_000)
      const before = Object.fromEntries(Object.keys(found).map((name) => [name, residentBytes(network[name].pid)]))
      let half = 0
      for (let seq = 0; seq < rounds; seq++) {
        await inTurns(STREAMS, AT_ONCE, (stream) => network.push(`stream-${stream}`, seq))
        if (seq === Math.floor(rounds / 2)) half = residentBytes(network.gateway.pid)
      }
      await sleep(2_000)
      for (const name of Object.keys(found)) found[name].push((residentBytes(network[name].pid) - before[name]) / MB)
      grown.push((residentBytes(network.gateway.pid) - half) / MB)
    } finally {
      await network.close()
    }
  }
  table(
    ['role', `MB more with ${STREAMS} streams of ${rounds} segments each, median (least to most) of ${runs}`],
    [
      ...Object.entries(found).map(([name, values]) => [name, spread(values, 0)]),
      ['gateway, in the second half of the segments', spread(grown, 0)],
    ],
  )
  bound(`memory of ${STREAMS} streams in the gateway`, summary(found.gateway).median, 4_000, 'MB')
}

async function inTurns(count, atOnce, work) {
  let next = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) await work(next++)
    }),
  )
}
