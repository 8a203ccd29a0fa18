// What 100 open streams add to the memory of a gateway and of its orchestrator.
import { setTimeout as sleep } from 'node:timers/promises'
import { bound, residentBytes, spread, summary, table } from '../measure.js'
import { openEchoNetwork } from './echo-network.js'

const STREAMS = 100
const AT_ONCE = 4
const MB = 1_000_000
/** Segments of each stream and rendition that the gateway keeps for viewers: a window of six and three that just left it. */
const KEPT = 9
/** A fifth of the bytes of a camera: what is asked is what a stream costs beside its media. */
const SHARE = 0.2

export async function bench({ quick, root }) {
  const runs = quick ? 1 : 3
  const rounds = quick ? KEPT : KEPT + 5
  const found = { gateway: [], orchestrator: [] }
  const beside = []
  let media = 0
  for (let i = 0; i < runs; i++) {
    const network = await openEchoNetwork(root, { share: SHARE })
    try {
      let bytes = 0
      for (let seq = 0; seq < 20; seq++) {
        const pushed = await network.push('warm', seq)
        bytes = pushed.bytes + network.sources[0].data.length
      }
      media = (STREAMS * KEPT * bytes) / MB
      await sleep(2_000)
      const names = Object.keys(found)
      const before = names.map((name) => residentBytes(network[name].pid))
      for (let seq = 0; seq < rounds; seq++)
        await inTurns(STREAMS, AT_ONCE, (stream) => network.push(`stream-${stream}`, seq))
      await sleep(2_000)
      for (const [at, name] of names.entries()) found[name].push((residentBytes(network[name].pid) - before[at]) / MB)
      beside.push(found.gateway.at(-1) - media)
    } finally {
      await network.close()
    }
  }
  table(
    ['role', `MB more with ${STREAMS} streams of ${rounds} segments each, median (least to most) of ${runs}`],
    [
      ['gateway', spread(found.gateway, 0)],
      [`gateway beside the ${media.toFixed(0)} MB of media in its playlists`, spread(beside, 0)],
      ['orchestrator', spread(found.orchestrator, 0)],
    ],
  )
  bound(`memory of ${STREAMS} streams in the gateway beside their media`, summary(beside).median, 500, 'MB')
  // Up to 512 MB are renditions that wait for the gateways to fetch them.
  bound(`memory of ${STREAMS} streams in the orchestrator`, summary(found.orchestrator).median, 800, 'MB')
}

async function inTurns(count, atOnce, work) {
  let next = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) await work(next++)
    }),
  )
}
